using Automation.Marketing.Storage;

namespace Automation.Marketing.Deals;

/// <summary>Who gets the next lead.</summary>
public enum OwnerMethod
{
    /// <summary>Whoever has waited longest for one.</summary>
    RoundRobin,

    /// <summary>Whoever has the fewest open deals.</summary>
    Load,

    /// <summary>By the person's prefecture; where nobody is named, in turn.</summary>
    Territory,

    /// <summary>Nobody: everyone in sales sees it, and who comes first has it.</summary>
    Queue,
}

/// <summary>How leads reach sales. Data, edited on a page.</summary>
/// <param name="Automatic">Whoever becomes hot is handed over at once, as soon as somebody in the team sells.</param>
/// <param name="Territories">Prefecture to seller.</param>
/// <param name="Default">Who has the prefectures that are not named; null: all in turn.</param>
/// <param name="Manager">Who is told what sales leaves undone; null: everyone in sales.</param>
/// <param name="AnswerDays">Working days in which a hand-off is to be answered.</param>
public sealed record LeadSettings(
    bool Automatic, OwnerMethod Method, IReadOnlyDictionary<string, string> Territories, string? Default, string? Manager, int AnswerDays)
{
    public const int MostAnswerDays = 20;

    public static readonly LeadSettings Usual = new(Automatic: true, OwnerMethod.RoundRobin, new Dictionary<string, string>(), null, null, AnswerDays: 1);

    private const string Key = "lead-settings";

    public static async Task<LeadSettings> ReadAsync(AutomationDb db, CancellationToken cancellation) =>
        await db.ReadSettingAsync<LeadSettings>(Key, cancellation) ?? Usual;

    /// <exception cref="RuleBrokenException">Somebody is named who does not sell, or the days make no sense.</exception>
    public static async Task SaveAsync(AutomationDb db, LeadSettings settings, string actor, DateTimeOffset now, CancellationToken cancellation)
    {
        if (settings.AnswerDays is < 1 or > MostAnswerDays) throw new RuleBrokenException($"A hand-off can be answered within 1 to {MostAnswerDays} working days.");
        var sellers = await LeadOwners.SellersAsync(db, cancellation);
        foreach (var name in settings.Territories.Values.Append(settings.Default).OfType<string>())
        {
            if (!sellers.Contains(name)) throw new RuleBrokenException($"{name} does not sell: choose somebody with the role Sales.");
        }
        await using var transaction = await db.BeginWriteAsync(cancellation);
        var before = await ReadAsync(db, cancellation);
        await db.WriteSettingAsync(Key, settings, now, cancellation);
        await Audit.WriteAsync(db, actor, "leads.settings", "leads", before, settings, now, cancellation);
        await transaction.CommitAsync(cancellation);
    }
}

/// <summary>Chooses who gets a lead.</summary>
public static class LeadOwners
{
    /// <returns>Those with the role Sales who can sign in, by the names under which they own deals.</returns>
    public static Task<List<string>> SellersAsync(AutomationDb db, CancellationToken cancellation) =>
        db.QueryAsync(
            "SELECT DISTINCT display_name FROM users WHERE role = 'sales' AND disabled_at IS NULL AND password_hash <> '' ORDER BY display_name", row => row.Text(0), cancellation);

    /// <returns>Null: nobody by the rule; everyone in sales sees it.</returns>
    internal static async Task<string?> NextAsync(AutomationDb db, Guid contactId, LeadSettings settings, CancellationToken cancellation)
    {
        if (settings.Method is OwnerMethod.Queue) return null;
        var sellers = await SellersAsync(db, cancellation);
        if (sellers.Count == 0) return null;
        // One after the other: two leads of the same moment go to two people.
        await db.HoldWordsAsync(["lead-owners"], cancellation);
        if (settings.Method is OwnerMethod.Territory && await TerritoryAsync(db, contactId, settings, sellers, cancellation) is { } local) return local;
        var turns = (await db.QueryAsync(
            "SELECT assigned_to, MAX(at), COUNT(*) FROM hand_offs WHERE assigned_to IS NOT NULL GROUP BY assigned_to", row => (Owner: row.Text(0), At: row.Instant(1), Count: row.Int(2)), cancellation))
            .ToDictionary(row => row.Owner);
        var load = settings.Method is not OwnerMethod.Load ? [] : (await db.QueryAsync(
            "SELECT owner, COUNT(*) FROM deals WHERE status = 'Open' AND owner IS NOT NULL GROUP BY owner", row => (Owner: row.Text(0), Count: row.Int(1)), cancellation))
            .ToDictionary(row => row.Owner, row => row.Count);
        return sellers.OrderBy(seller => load.GetValueOrDefault(seller)).ThenBy(seller => turns.GetValueOrDefault(seller).At)
            .ThenBy(seller => turns.GetValueOrDefault(seller).Count).ThenBy(seller => seller, StringComparer.Ordinal).First();
    }

    private static async Task<string?> TerritoryAsync(AutomationDb db, Guid contactId, LeadSettings settings, List<string> sellers, CancellationToken cancellation)
    {
        var prefecture = (await db.QueryAsync("SELECT prefecture FROM contacts WHERE id = @p0", row => row.TextOrNull(0), cancellation, contactId)).FirstOrDefault();
        var chosen = (prefecture is null ? null : settings.Territories.GetValueOrDefault(prefecture)) ?? settings.Default;
        return chosen is not null && sellers.Contains(chosen) ? chosen : null;
    }
}
