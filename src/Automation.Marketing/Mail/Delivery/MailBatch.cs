using System.Globalization;
using System.Text;
using Automation.Marketing.Mail.Content;
using Automation.SendGrid;

namespace Automation.Marketing.Mail.Delivery;

/// <summary>
/// Mails that go out in one request. What they share is there once, with a tag in each gap; what is each person's own are the
/// substitutions for the tags. Each person gets, byte for byte, what a request of their own would have brought.
/// </summary>
internal sealed class MailBatch
{
    /// <summary>Recipients of one request: one lost reply leaves as many in doubt.</summary>
    public const int Most = 100;

    // Letters that begin a tag. One is taken that occurs nowhere else in the request: so no text, no value, and nothing
    // that text and values make together can be taken for a tag, in whatever order the provider fills them in.
    private const string Marks = "~^`|¦§¬¤†‡◊";

    // Mark of at most three bytes, number, semicolon.
    private const int MostTagBytes = 8;

    // Unsubscribing is ours: SendGrid must not add a second way that we do not hear of in time.
    private static readonly TrackingSettings Tracking = new()
    {
        ClickTracking = new ClickTracking(Enable: true, EnableText: false),
        OpenTracking = new OpenTracking(Enable: true),
        SubscriptionTracking = new SubscriptionTracking(Enable: false),
    };

    private readonly char mark;

    private MailBatch(IReadOnlyList<ComposedMail> mails, char mark) => (Mails, this.mark) = (mails, mark);

    /// <summary>At least one; all with the same content.</summary>
    public IReadOnlyList<ComposedMail> Mails { get; }

    /// <summary>Puts mails together that may share a request; the others get one of their own.</summary>
    public static IEnumerable<MailBatch> Of(IEnumerable<ComposedMail> mails)
    {
        foreach (var alike in mails.GroupBy(mail => mail.Content, ReferenceEqualityComparer.Instance))
        {
            var together = alike.ToLookup(FitsBesideOthers);
            foreach (var batch in Together((SharedContent)alike.Key!, [.. together[true]])) yield return batch;
            foreach (var mail in together[false]) yield return new MailBatch([mail], default);
        }
    }

    // Whoever has the mark in a text of their own waits for the next one: an odd name costs nobody else their place.
    private static IEnumerable<MailBatch> Together(SharedContent content, List<ComposedMail> left)
    {
        var taken = SharedTexts(content).ToArray();
        foreach (var mark in Marks.Where(mark => !taken.Any(text => text.Contains(mark))))
        {
            if (left.Count < 2) break;
            var having = left.FindAll(mail => Has(mail, mark));
            foreach (var chunk in (having.Count == 0 ? left : left.FindAll(mail => !Has(mail, mark))).Chunk(Most)) yield return new MailBatch(chunk, mark);
            left = having;
        }
        foreach (var mail in left) yield return new MailBatch([mail], default);
    }

    /// <summary>Two requests in place of this one: whose fault a refusal was shows when they are sent apart.</summary>
    public (MailBatch First, MailBatch Second) Halves() =>
        (new MailBatch([.. Mails.Take(Mails.Count / 2)], mark), new MailBatch([.. Mails.Skip(Mails.Count / 2)], mark));

    public MailSendRequest Request()
    {
        var content = Mails[0].Content!;
        var alone = Mails.Count == 1 ? Mails[0].Own : null;
        var (html, text) = (content.Shared.Html, content.Shared.Text);
        string[] tags = alone is null ? [.. Enumerable.Range(0, text.Gaps + html.Gaps).Select(Tag)] : [];
        return MailComposer.Request(
            content.From, content.ReplyTo, [.. Mails.Select(mail => Personalization(mail, tags))],
            text.With(alone?.Text ?? tags[..text.Gaps]), html.With(alone?.Html ?? tags[text.Gaps..]), content.Category, Tracking);
    }

    private static Personalization Personalization(ComposedMail mail, string[] tags) => new()
    {
        To = [new MailAddress(mail.Mail.Recipient, mail.RecipientName)],
        Subject = mail.Own!.Subject,
        Headers = mail.Headers,
        Substitutions = tags.Length > 0 ? Substitutions(mail.Own, tags) : null,
        CustomArgs = new Dictionary<string, string>(StringComparer.Ordinal) { [WebhookEvents.MessageIdArgument] = mail.Mail.Id.ToString("D") },
    };

    private static Dictionary<string, string> Substitutions(PersonalMail own, string[] tags)
    {
        var all = new Dictionary<string, string>(tags.Length, StringComparer.Ordinal);
        foreach (var piece in own.Text) all.Add(tags[all.Count], piece);
        foreach (var piece in own.Html) all.Add(tags[all.Count], piece);
        return all;
    }

    private string Tag(int number) => string.Create(CultureInfo.InvariantCulture, $"{mark}{number};");

    private static bool FitsBesideOthers(ComposedMail mail)
    {
        var bytes = 0;
        return Fit(mail.Own!.Text, ref bytes) && Fit(mail.Own.Html, ref bytes) && bytes <= MailSendLimits.SubstitutionsBytes;
    }

    // Half a letter at the edge of a piece becomes a whole one only together with its neighbour.
    private static bool Fit(IReadOnlyList<string> pieces, ref int bytes)
    {
        foreach (var piece in pieces)
        {
            bytes += MostTagBytes + Encoding.UTF8.GetByteCount(piece);
            if (piece.Length > 0 && (char.IsLowSurrogate(piece[0]) || char.IsHighSurrogate(piece[^1]))) return false;
        }
        return true;
    }

    private static IEnumerable<string> SharedTexts(SharedContent content) =>
        [.. content.Shared.Html.Pieces, .. content.Shared.Text.Pieces, content.From.Name ?? "", content.ReplyTo?.Email ?? ""];

    // Asked for every mail: nothing is made for it.
    private static bool Has(ComposedMail mail, char mark)
    {
        if (mail.Own!.Subject.Contains(mark) || mail.RecipientName?.Contains(mark) == true) return true;
        foreach (var piece in mail.Own.Html) if (piece.Contains(mark)) return true;
        foreach (var piece in mail.Own.Text) if (piece.Contains(mark)) return true;
        return mail.Headers?.Any(header => header.Value.Contains(mark)) == true;
    }
}
