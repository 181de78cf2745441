using Automation.Templates.Analysis;

namespace Automation.Marketing.Mail.Content.Lint;

/// <summary>What mails are told (architecture §9): the names a template may read, and which of them may be missing.</summary>
public static class MailShape
{
    private static readonly ModelShape Perhaps = ModelShape.Text.OrMissing();

    /// <summary>The model of every mail. Keep it together with <see cref="MailModels"/>.</summary>
    public static ModelShape Model { get; } = ModelShape.Object(
        ("contact", ModelShape.Object(
            ("id", ModelShape.Text), ("name", Perhaps), ("kana", Perhaps), ("email", ModelShape.Text), ("company", Perhaps), ("prefecture", Perhaps),
            ("language", Perhaps), ("tags", ModelShape.List(ModelShape.Text)), ("custom", ModelShape.Open))),
        ("purchases", ModelShape.List(ModelShape.Object(
            ("date", ModelShape.Date), ("product", Perhaps), ("category", Perhaps), ("quantity", ModelShape.Number), ("net", ModelShape.Number)))),
        ("deal", ModelShape.Object(
            ("id", ModelShape.Text), ("stage", ModelShape.Text), ("owner", Perhaps), ("revisit_on", ModelShape.Date.OrMissing())).OrMissing()),
        ("event", ModelShape.Object(("type", ModelShape.Text), ("occurred_at", ModelShape.Date), ("data", ModelShape.Open)).OrMissing()),
        ("links", ModelShape.Object(("unsubscribe", ModelShape.Text), ("preferences", ModelShape.Text), ("view", Perhaps))),
        ("shop", ModelShape.Object(
            ("name", ModelShape.Text), ("legal_name", ModelShape.Text), ("address", ModelShape.Text), ("phone", ModelShape.Text), ("url", ModelShape.Text),
            ("email", ModelShape.Text))),
        ("campaign", ModelShape.Object(
            ("name", Perhaps), ("title", Perhaps), ("lead", Perhaps), ("tip", Perhaps),
            ("topics", ModelShape.List(ModelShape.Object(("title", Perhaps), ("text", ModelShape.Text))).OrMissing())).OrMissing()),
        ("season", ModelShape.Object(("key", ModelShape.Text), ("opens_on", ModelShape.Date.OrMissing()), ("ends_on", ModelShape.Date.OrMissing())).OrMissing()),
        ("confirm", ModelShape.Object(("url", ModelShape.Text), ("hours", ModelShape.Number)).OrMissing()));
}
