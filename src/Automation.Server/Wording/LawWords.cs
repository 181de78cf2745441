using Automation.Marketing.Mail.Law;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Wording;

/// <summary>Says what the law and the mailbox providers ask for, and what to do.</summary>
public sealed class LawWords(IStringLocalizer words)
{
    public string State(LawState state) => state switch
    {
        LawState.Passed => words["in order"],
        LawState.Failed => words["missing"],
        _ => words["unknown"],
    };

    public string State(LawCheck check) => IsAdvice(check) ? words["advised"] : State(check.State);

    public static string Colour(LawCheck check) => IsAdvice(check) ? "yellow" : Colour(check.State);

    private static bool IsAdvice(LawCheck check) => check is { Blocks: false, State: LawState.Failed };

    public static string Colour(LawState state) => state switch { LawState.Passed => "green", LawState.Failed => "red", _ => "yellow" };

    public string Name(string key) => key switch
    {
        "name" => words["Name of the shop"],
        LawChecks.LegalName or "legal_name" => words["Legal name of the sender"],
        LawChecks.PostalAddress or "address" => words["Postal address"],
        LawChecks.Contact or "phone" => words["Where to ask questions"],
        LawChecks.FromAddress or "from_email" => words["Sender's mail address"],
        LawChecks.OwnOrderAddress => words["Order mail from an address of its own"],
        LawChecks.OptOut => words["Working way to opt out"],
        LawChecks.OneClick => words["One-click unsubscribe (RFC 8058)"],
        LawChecks.Readable => words["Could not be shown with a made-up person"],
        _ => key,
    };

    public string Remedy(string key) => key switch
    {
        LawChecks.LegalName or LawChecks.PostalAddress or LawChecks.Contact or LawChecks.FromAddress => words["Enter it under 'Who sends'; every marketing mail shows it."],
        LawChecks.OwnOrderAddress => words["Advised, not required: the large mailbox providers judge marketing and order mail apart when each has its own address. Enter one under 'Who sends'."],
        LawChecks.OptOut => words["Set PublicUrl to the https address under which recipients reach this service."],
        "spf" => words["A TXT record of the domain must name your provider's servers (v=spf1 …)."],
        "dkim" => words["The provider's signing keys must stand in the domain's DNS, and mails must be signed with them."],
        "dmarc" => words["A TXT record at _dmarc must say how mail that fails both is treated (v=DMARC1 …), with the sender's domain aligned."],
        _ => "",
    };
}
