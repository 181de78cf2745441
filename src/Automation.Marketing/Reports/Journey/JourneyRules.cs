using Automation.Marketing.Storage;

namespace Automation.Marketing.Reports.Journey;

/// <summary>How far somebody has come on the way to a purchase and beyond (brief §5).</summary>
public enum JourneyStage
{
    /// <summary>接点: we met.</summary>
    Touch,

    /// <summary>興味: looked closer.</summary>
    Interest,

    /// <summary>問合せ: asked.</summary>
    Inquiry,

    /// <summary>提案: sales made an offer.</summary>
    Proposal,

    /// <summary>成約: bought.</summary>
    Won,

    /// <summary>継続/再アプローチ: buys again, or is approached again.</summary>
    After,
}

/// <param name="Type">An event's type, or the beginning of one with a star: <c>seminar.*</c>.</param>
/// <param name="Channel">One of <see cref="JourneyRules.Channels"/>, or a word of one's own.</param>
public sealed record JourneyRule(string Type, JourneyStage Stage, string Channel);

/// <summary>Where on the map an event lies: the first rule that fits. Kept as data in the setting <c>journey-rules</c>.</summary>
public sealed record JourneyRules(IReadOnlyList<JourneyRule> Rules)
{
    // What is no lead event has a type of its own here.
    public const string MailSent = "mail.sent";
    public const string MailClicked = "mail.clicked";
    public const string DealOpened = "deal.opened";
    public const string DealWon = "deal.won";
    public const string HandedBack = "deal.handed-back";
    public const string FirstPurchase = "purchase.first";
    public const string LaterPurchase = "purchase.again";

    private const string SettingKey = "journey-rules";
    private const string Anything = "*";

    public static IReadOnlyList<string> Channels { get; } = ["mail", "web", "form", "seminar", "sales", "purchase", "other"];

    public static JourneyRules Default { get; } = new(
    [
        new(MailSent, JourneyStage.Touch, "mail"),
        new(MailClicked, JourneyStage.Interest, "mail"),
        new("mail.replied", JourneyStage.Inquiry, "mail"),
        new(DealOpened, JourneyStage.Proposal, "sales"),
        new(DealWon, JourneyStage.Won, "sales"),
        new(HandedBack, JourneyStage.After, "sales"),
        new(FirstPurchase, JourneyStage.Won, "purchase"),
        new(LaterPurchase, JourneyStage.After, "purchase"),
        new("lead.created", JourneyStage.Touch, "form"),
        new("seminar.*", JourneyStage.Interest, "seminar"),
        new("quote.*", JourneyStage.Inquiry, "form"),
        new("contact.*", JourneyStage.Inquiry, "form"),
        new("inquiry.*", JourneyStage.Inquiry, "form"),
        new("question.*", JourneyStage.Inquiry, "form"),
        new("form.*", JourneyStage.Interest, "form"),
        new("price.*", JourneyStage.Interest, "web"),
        new("page.*", JourneyStage.Interest, "web"),
        new("cart.*", JourneyStage.Interest, "web"),
        new("order.*", JourneyStage.Won, "purchase"),
        new("sales.*", JourneyStage.Proposal, "sales"),
        new("visit.*", JourneyStage.Proposal, "sales"),
        new(Anything, JourneyStage.Touch, "other"),
    ]);

    public static async Task<JourneyRules> OfAsync(AutomationDb db, CancellationToken cancellation) =>
        await db.ReadSettingAsync<JourneyRules>(SettingKey, cancellation) ?? Default;

    /// <exception cref="RuleBrokenException">A rule has no type or no channel.</exception>
    public static Task SaveAsync(AutomationDb db, JourneyRules rules, DateTimeOffset now, CancellationToken cancellation) =>
        rules.Rules.Any(rule => rule.Type.Trim().Length == 0 || rule.Channel.Trim().Length is 0 or > 40)
            ? throw new RuleBrokenException("Each rule of the map needs an event and a channel.")
            : db.WriteSettingAsync(SettingKey, rules, now, cancellation);

    /// <returns>Null: the event is not on the map.</returns>
    public JourneyRule? Of(string type) => Rules.FirstOrDefault(rule =>
        rule.Type.EndsWith(Anything, StringComparison.Ordinal) ? type.StartsWith(rule.Type[..^1], StringComparison.OrdinalIgnoreCase) : rule.Type.Equals(type, StringComparison.OrdinalIgnoreCase));
}
