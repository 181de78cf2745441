namespace Automation.Marketing.Contacts.Consent;

/// <summary>The words of <see cref="ConsentBasis"/> that other programs and files use.</summary>
public static class ConsentBases
{
    private static readonly Dictionary<string, ConsentBasis> ByWord = new(StringComparer.Ordinal)
    {
        ["opt-in"] = ConsentBasis.OptIn,
        ["double-opt-in"] = ConsentBasis.DoubleOptIn,
        ["existing-relationship"] = ConsentBasis.ExistingRelationship,
        ["business-card"] = ConsentBasis.BusinessCard,
        ["published-address"] = ConsentBasis.PublishedAddress,
    };

    public static IReadOnlyCollection<string> Words => ByWord.Keys;

    public static bool TryParse(string? word, out ConsentBasis basis) => ByWord.TryGetValue(word ?? "", out basis);

    /// <summary>Given by the person's own act, and so able to lift an earlier withdrawal (brief §4.3).</summary>
    public static bool IsOwnAct(this ConsentBasis basis) => basis is ConsentBasis.OptIn or ConsentBasis.DoubleOptIn;
}
