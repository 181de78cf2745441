using System.Globalization;
using System.Text;
using Automation.Marketing.Contacts.Complaints;
using Automation.Marketing.Storage;

namespace Automation.Marketing.Deals;

/// <summary>What colleagues are mailed about leads, in the shop's language.</summary>
internal static class HandOffText
{
    public static async Task<(string Subject, string Text)> MailAsync(
        AutomationDb db, Guid contactId, HandOffDetails details, TimeZoneInfo zone, CancellationToken cancellation)
    {
        var (japanese, name) = await AboutAsync(db, contactId, cancellation);
        var text = new StringBuilder();
        text.AppendLine(japanese ? $"{name} 様を営業へ引き渡しました。受け取るか差し戻すか、ご返答をお願いします。" : $"{name} has been handed over to sales. Please accept or return this lead.");
        AppendComplaints(text, details.Complaints ?? [], japanese);
        if (details.Note.Length > 0) text.AppendLine().AppendLine(details.Note);
        text.AppendLine().AppendLine(CultureInfo.InvariantCulture, $"{(japanese ? "行動スコア" : "Behaviour")}: {details.Score:0.#}  {(japanese ? "適合度" : "Fit")}: {details.Fit}");
        foreach (var part in details.Parts) text.AppendLine(CultureInfo.InvariantCulture, $"- {part.Rule} × {part.Times}: {part.Worth:0.#}");
        text.AppendLine().AppendLine(japanese ? "最近の行動:" : "What this person did last:");
        foreach (var touch in details.Touches) text.AppendLine(CultureInfo.InvariantCulture, $"- {TimeZoneInfo.ConvertTime(touch.At, zone):yyyy-MM-dd HH:mm} {touch.Type}");
        text.AppendLine().AppendLine(CultureInfo.InvariantCulture, $"{(japanese ? "配信への同意" : "Consent to mail")}: {details.Consent}");
        if (details.Flows.Count > 0) text.AppendLine(CultureInfo.InvariantCulture, $"{(japanese ? "参加中のフロー" : "In the flows")}: {string.Join(", ", details.Flows)}");
        return (japanese ? $"見込み客の引き渡し: {name}" : $"A lead for you: {name}", text.ToString());
    }

    /// <summary>A mail that says no more than its notice, and what to mind.</summary>
    public static async Task<(string Subject, string Text)> MailAsync(
        AutomationDb db, Guid contactId, string japanese, string english, string more, DateTimeOffset now, CancellationToken cancellation)
    {
        var (isJapanese, name) = await AboutAsync(db, contactId, cancellation);
        var subject = (isJapanese ? japanese : english) + ": " + name;
        var text = new StringBuilder().AppendLine(subject).AppendLine().AppendLine(more);
        AppendComplaints(text, await ComplaintsAsync(db, contactId, now, cancellation), isJapanese);
        return (subject, text.ToString());
    }

    public static async Task<IReadOnlyList<HandOffComplaint>> ComplaintsAsync(AutomationDb db, Guid contactId, DateTimeOffset now, CancellationToken cancellation) =>
        [.. (await ComplaintDesk.AtHandOverAsync(db, contactId, now, cancellation)).Select(one => new HandOffComplaint(one.Text, one.Handling, one.OpenedAt, one.ClosedAt))];

    /// <summary>One complaint as a notice in the product shows it, in both languages.</summary>
    public static string Line(HandOffComplaint complaint) =>
        $"{(complaint.ClosedAt is null ? "未対応の苦情 / Open complaint" : "最近の苦情 / Recent complaint")}: {Sentence(complaint)}";

    private static void AppendComplaints(StringBuilder text, IReadOnlyList<HandOffComplaint> complaints, bool japanese)
    {
        if (complaints.Count == 0) return;
        text.AppendLine().AppendLine(japanese ? "苦情がありました。お話しの前にご確認ください:" : "There were complaints. Mind them when you talk:");
        foreach (var one in complaints)
        {
            var state = one.ClosedAt is null ? japanese ? "未対応" : "open" : japanese ? "対応済み" : "dealt with";
            text.AppendLine(CultureInfo.InvariantCulture, $"- [{state}] {Sentence(one)}");
        }
    }

    private static string Sentence(HandOffComplaint complaint) => complaint.Handling is null ? complaint.Text : $"{complaint.Text} → {complaint.Handling}";

    private static async Task<(bool Japanese, string Name)> AboutAsync(AutomationDb db, Guid contactId, CancellationToken cancellation)
    {
        var shop = await db.ShopAsync(cancellation);
        var name = await db.QueryAsync("SELECT COALESCE(name, email, external_id, '') FROM contacts WHERE id = @p0", row => row.Text(0), cancellation, contactId);
        return (shop.Language == "ja", name.FirstOrDefault() ?? "");
    }
}
