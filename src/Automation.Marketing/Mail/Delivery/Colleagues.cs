using Automation.Marketing.Contacts.Connections;
using Automation.Marketing.Storage;
using Automation.SendGrid;

namespace Automation.Marketing.Mail.Delivery;

/// <summary>The colleagues in whose name the mails of one round go out.</summary>
internal sealed class Colleagues
{
    public static readonly Colleagues None = new();

    private readonly Dictionary<(Guid Contact, InNameOf Wish), Signature> signatures = [];

    private readonly record struct Signature(string Name, string Email);

    /// <summary>Reads them for the mails that ask for one; mostly none does.</summary>
    public static async Task<Colleagues> LoadAsync(AutomationDb db, IReadOnlyList<ClaimedMail> mails, CancellationToken cancellation)
    {
        var wishes = mails.Select(mail => (mail.ContactId, Wish: InNameOfContext.Of(mail.Context))).Where(one => one.Wish is not InNameOf.Shop).Distinct().ToList();
        if (wishes.Count == 0) return None;
        var found = new Colleagues();
        found.Take(InNameOf.Owner, await OwnersAsync(db, [.. Of(InNameOf.Owner)], cancellation));
        found.Take(InNameOf.BestKnown, await BestKnownAsync(db, [.. Of(InNameOf.BestKnown)], cancellation));
        return found;

        IEnumerable<Guid> Of(InNameOf wish) => wishes.Where(one => one.Wish == wish).Select(one => one.ContactId);
    }

    /// <summary>The name and the answers are the colleague's; the address, and who answers for the mail by law, stay the shop's.</summary>
    /// <param name="own">What the shop's mail comes from.</param>
    /// <param name="shop">Whose mail it is.</param>
    /// <returns>Null: it is the shop's mail.</returns>
    public (MailAddress From, MailAddress ReplyTo)? Of(ClaimedMail mail, MailAddress own, ShopIdentity shop)
    {
        if (signatures.Count == 0 || !signatures.TryGetValue((mail.ContactId, InNameOfContext.Of(mail.Context)), out var colleague)) return null;
        var name = own.Name is not { } ours ? colleague.Name : shop.Language == "ja" ? $"{colleague.Name}（{ours}）" : $"{colleague.Name} ({ours})";
        return (own with { Name = MailComposer.DisplayName(name) }, new MailAddress(colleague.Email, MailComposer.DisplayName(colleague.Name)));
    }

    private void Take(InNameOf wish, List<(Guid Contact, Signature Colleague)> rows)
    {
        foreach (var (contact, colleague) in rows) signatures.TryAdd((contact, wish), colleague);
    }

    // Whoever brings deals in from a sales system names owners as they please.
    private static Task<List<(Guid Contact, Signature Colleague)>> OwnersAsync(AutomationDb db, Guid[] people, CancellationToken cancellation) => ReadAsync(
        db,
        $"""
        SELECT d.contact_id, u.display_name, u.email
        FROM (SELECT contact_id, owner, ROW_NUMBER() OVER (PARTITION BY contact_id ORDER BY CASE WHEN status = 'Open' THEN 0 ELSE 1 END, updated_at DESC, id) AS place
              FROM deals WHERE {db.Dialect.Among("contact_id", "@p0")} AND owner IS NOT NULL) AS d
        JOIN users u ON u.display_name = d.owner OR u.user_name = d.owner OR u.email = d.owner
        WHERE d.place = 1 AND {Answers} ORDER BY d.contact_id, u.id
        """,
        people, cancellation);

    private static Task<List<(Guid Contact, Signature Colleague)>> BestKnownAsync(AutomationDb db, Guid[] people, CancellationToken cancellation) => ReadAsync(
        db,
        $"""
        SELECT contact, name, email
        FROM (SELECT c.id AS contact, u.display_name AS name, u.email, ROW_NUMBER() OVER (PARTITION BY c.id ORDER BY {ConnectionDesk.BestFirst}) AS place
              FROM contacts c JOIN connections k ON k.contact_id = c.id OR k.company = c.company JOIN users u ON u.id = k.user_id
              WHERE {db.Dialect.Among("c.id", "@p0")} AND {Answers}) AS known
        WHERE place = 1
        """,
        people, cancellation);

    private static async Task<List<(Guid Contact, Signature Colleague)>> ReadAsync(AutomationDb db, string sql, Guid[] people, CancellationToken cancellation) =>
        people.Length == 0 ? [] : await db.QueryAsync(sql, row => (row.Guid(0), new Signature(row.Text(1), row.Text(2))), cancellation, people);

    // Whoever has left, or has no address, cannot be answered to.
    private const string Answers = "u.disabled_at IS NULL AND u.email IS NOT NULL AND u.email <> ''";
}
