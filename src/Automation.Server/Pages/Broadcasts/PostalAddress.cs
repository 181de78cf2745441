using Automation.Marketing.Campaigns.Paper;

namespace Automation.Server.Pages.Broadcasts;

/// <summary>An address as it is written on a card.</summary>
public static class PostalAddress
{
    public static string Of(PaperLine line) => $"{Code(line)} {Street(line)}".Trim();

    /// <returns><c>〒910-0001</c>; empty without a postal code.</returns>
    public static string Code(PaperLine line)
    {
        var digits = string.Concat((line.PostalCode ?? "").Normalize(System.Text.NormalizationForm.FormKC).Where(char.IsAsciiDigit));
        return digits.Length == 7 ? $"〒{digits[..3]}-{digits[3..]}" : string.IsNullOrWhiteSpace(line.PostalCode) ? "" : "〒" + line.PostalCode.Trim();
    }

    // Many write the prefecture into the address as well.
    public static string Street(PaperLine line) =>
        line.Prefecture is { } prefecture && !(line.Address ?? "").StartsWith(prefecture, StringComparison.Ordinal) ? prefecture + line.Address : line.Address ?? "";

    /// <summary>Whom the card is for: a person with 様, a company without one with 御中.</summary>
    public static string Name(PaperLine line) => !string.IsNullOrWhiteSpace(line.Name) ? $"{line.Name} 様" : string.IsNullOrWhiteSpace(line.Company) ? "" : $"{line.Company} 御中";
}
