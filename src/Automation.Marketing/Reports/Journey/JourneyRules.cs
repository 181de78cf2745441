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

/// <summary>Where on the map an event lies: the first rule that fits. Data, edited on a page; <see cref="JourneyVersions"/>.</summary>
public sealed record JourneyRules(IReadOnlyList<JourneyRule> Rules)
{
    public const int Most = 100;
    public const int MaxChannel = 40;

    /// <summary>0: as shipped.</summary>
    public int Version { get; init; }

    // What is no lead event has a type of its own here.
    public const string MailSent = "mail.sent";
    public const string MailClicked = "mail.clicked";
    public const string DealOpened = "deal.opened";
    public const string DealWon = "deal.won";
    public const string HandedBack = "deal.handed-back";
    public const string FirstPurchase = "purchase.first";
    public const string LaterPurchase = "purchase.again";

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

    /// <summary>Types that are no lead events: what the product itself tells of.</summary>
    public static IReadOnlyList<string> OwnTypes { get; } = [MailSent, MailClicked, DealOpened, DealWon, HandedBack, FirstPurchase, LaterPurchase];

    /// <summary>What is wrong with them: the number of the rule from 0, the field and the remedy.</summary>
    public IEnumerable<(int Rule, string Field, RuleBrokenException Problem)> Problems()
    {
        if (Rules.Count is 0 or > Most) yield return (0, "", new RuleBrokenException("The map needs 1 to 100 rules."));
        for (var at = 0; at < Rules.Count; at++)
        {
            var rule = Rules[at];
            if (rule.Type.Length is 0 or > Contacts.LeadEvent.MaxName || rule.Type[..^1].Contains(Anything, StringComparison.Ordinal))
                yield return (at, nameof(rule.Type), new RuleBrokenException("Name a type of event, or the beginning of one with a star at its end."));
            else if (Rules.Take(at).Any(before => Covers(before.Type, rule.Type)))
                yield return (at, nameof(rule.Type), new RuleBrokenException("A rule above takes these events already: move this one up or take it out."));
            if (rule.Channel.Length is 0 or > MaxChannel || rule.Channel.Any(letter => char.IsControl(letter) || letter is ':' or '>' or '.'))
                yield return (at, nameof(rule.Channel), new RuleBrokenException("Name a channel in at most 40 characters, without : > and full stop."));
        }
    }

    /// <returns>Null: the event is not on the map.</returns>
    public JourneyRule? Of(string type) => Rules.FirstOrDefault(rule => Covers(rule.Type, type));

    private static bool Covers(string rule, string type) =>
        rule.EndsWith(Anything, StringComparison.Ordinal) ? type.StartsWith(rule[..^1], StringComparison.OrdinalIgnoreCase) : rule.Equals(type, StringComparison.OrdinalIgnoreCase);
}
