using System.Globalization;
using Automation.Marketing.Campaigns;
using Automation.Marketing.Campaigns.Calendar;
using Automation.Marketing.Contacts.Consent;
using Automation.Marketing.Contacts.Lifecycle;
using Automation.Marketing.Contacts.Scoring;
using Automation.Marketing.Deals;
using Automation.Marketing.Mail;
using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.DemoData;

/// <summary>
/// A believable company to try the product on: a crab shop in Fukui with 2,000 customers and two years of orders, and
/// its business side with 40 companies. Invented throughout; addresses are in domains that nobody can own.
/// </summary>
public static class DemoCompany
{
    /// <summary>Private customers; the contacts of business customers come on top.</summary>
    public const int Customers = 2_000;

    private const int Seed = 1106;      // the day the crab boats go out
    private const string Source = "web-shop";

    public static readonly ShopIdentity Shop = new(
        Name: "越前みなと水産",
        LegalName: "越前みなと水産株式会社",
        Address: "〒913-0000 福井県坂井市三国町みなと浜1-2-3",
        Phone: "0776-00-1106",
        Url: "https://minato.example.com/",
        FromEmail: "tayori@minato.example.com",
        FromName: "越前みなと水産",
        ReplyTo: "hama@minato.example.com");

    /// <summary>Writes the company into an empty database, all of it or nothing. The same <paramref name="now"/> gives the same company.</summary>
    /// <param name="now">The company's orders end on this day, in Japan.</param>
    /// <exception cref="RuleBrokenException">There are contacts already.</exception>
    public static async Task CreateAsync(IDbContextFactory<AutomationDb> dbs, DateTimeOffset now, IProgress<string>? progress, CancellationToken ct)
    {
        var time = new DemoTime(now);
        var dice = new DemoDice(Seed);
        var deals = new DemoBusiness(dice, time).Invent();
        var people = new DemoCustomers(dice, time).Invent(Customers);
        var orders = new DemoOrders(dice, time).Invent(people);
        AddTagsFrom(orders, time);
        people.AddRange(deals.Select(deal => deal.Contact));
        var invented = new DemoConsents(dice, time);
        await using var db = await dbs.CreateDbContextAsync(ct);
        if (await db.Contacts.AnyAsync(ct)) throw new RuleBrokenException("The demo company needs an empty database.");
        await using var write = await db.BeginWriteAsync(ct);
        await db.SaveShopAsync(Shop, time.Now, ct);
        Report(progress, "people", await WritePeopleAsync(db, people, ct));
        var consents = people.SelectMany(invented.Of).ToList();
        Report(progress, "consents", await WriteConsentsAsync(db, consents, ct));
        var suppressions = invented.Suppressions(people).ToList();
        await WriteSuppressionsAsync(db, suppressions, ct);
        Report(progress, "order lines", await WriteOrdersAsync(db, orders, dice, ct));
        Report(progress, "deals", await WriteDealsAsync(db, deals, ct));
        Report(progress, "events", await WriteEventsAsync(db, new DemoLeadEvents(dice, time).Of(people, orders, deals), ct));
        Report(progress, "mails of past seasons", await WriteSeasonsAsync(db, new DemoSeasons(new DemoDice(Seed), time), people, orders, consents, suppressions, ct));
        // Who is hot by all that is found as soon as the service works.
        await ScoreChecks.EverybodyAsync(db, await db.ScoringRulesAsync(ct), time.Now, ct);
        await write.CommitAsync(ct);
    }

    private static void AddTagsFrom(IEnumerable<DemoOrder> orders, DemoTime time)
    {
        foreach (var buyer in orders.GroupBy(order => order.Buyer))
        {
            if (buyer.Count() >= 5) buyer.Key.Tags.Add("常連");
            if (buyer.Max(order => order.Date) < time.Today.AddDays(-365)) buyer.Key.Tags.Add("休眠");
        }
    }

    private static void Report(IProgress<string>? progress, string what, int count) =>
        progress?.Report(string.Create(CultureInfo.InvariantCulture, $"{what}: {count:N0}"));

    private static async Task<int> WritePeopleAsync(AutomationDb db, List<DemoPerson> people, CancellationToken ct)
    {
        await InsertAsync(db, "contact_tags", "contact_id, tag", people.SelectMany(person => person.Tags.Select(tag => new object?[] { person.Id, tag })), ct);
        await InsertAsync(db, "contact_sources", "contact_id, source, first_seen_at, last_seen_at",
            people.Select(person => new object?[] { person.Id, person.Company is null ? Source : "sales", person.CreatedAt, person.CreatedAt }), ct);
        return await InsertAsync(db, "contacts",
            "id, external_id, email, email_key, name, kana, company, postal_code, prefecture, address, phone, birth_date, language, custom, sales_owned, created_at, updated_at",
            people.Select(person => new object?[]
            {
                person.Id, person.ExternalId, person.Email, person.Email, person.Name, person.Kana, person.Company, person.PostalCode, person.Prefecture,
                person.Address, person.Phone, person.BirthDate, person.Language, "{}", person.SalesOwned, person.CreatedAt, person.CreatedAt,
            }), ct);
    }

    private static Task<int> WriteConsentsAsync(AutomationDb db, IEnumerable<DemoConsent> consents, CancellationToken ct) =>
        InsertAsync(db, "consent_entries", "id, contact_id, channel, topic, state, basis, source, evidence, actor, at",
            consents.Select(line => new object?[]
            {
                line.Id, line.Person.Id, ConsentEntry.Email, "", line.State.ToString(), line.Basis.ToString(), line.Source, line.Evidence, line.Actor, line.At,
            }), ct);

    private static Task<int> WriteSuppressionsAsync(AutomationDb db, IEnumerable<DemoSuppression> suppressions, CancellationToken ct) =>
        InsertAsync(db, "suppressed_addresses", "address_key, reason, source, detail, at",
            suppressions.Select(each => new object?[] { each.AddressKey, each.Reason.ToString(), "provider", each.Detail, each.At }), ct);

    private static Task<int> WriteOrdersAsync(AutomationDb db, List<DemoOrder> orders, DemoDice dice, CancellationToken ct) =>
        InsertAsync(db, "purchases", "id, source, order_id, line, contact_id, date, product, category, quantity, net, cost, currency",
            orders.SelectMany(order => order.Lines.Select((line, at) => new object?[]
            {
                dice.NewId(), Source, order.Id, at + 1, order.Buyer.Id, line.Date, line.Product.Name, line.Product.Category, (decimal)line.Quantity, line.Net, line.Cost, "JPY",
            })), ct);

    private static async Task<int> WriteDealsAsync(AutomationDb db, List<DemoDeal> deals, CancellationToken ct)
    {
        await InsertAsync(db, "hand_backs", "id, deal_id, contact_id, reason, revisit_on, note, actor, at",
            deals.Where(deal => deal.HandBack is not null).Select(deal => new object?[]
            {
                deal.HandBack!.Id, deal.Id, deal.Contact.Id, deal.HandBack.Reason.ToString(), deal.HandBack.RevisitOn, deal.HandBack.Note, deal.Owner, deal.UpdatedAt,
            }), ct);
        var written = await InsertAsync(db, "deals", "id, deal_key, contact_id, stage, status, owner, amount, next_action, next_action_on, revisit_on, created_at, updated_at",
            deals.Select(deal => new object?[]
            {
                deal.Id, deal.Key, deal.Contact.Id, deal.Stage, deal.Status.ToString(), deal.Owner, deal.Amount, deal.NextAction, deal.NextActionOn,
                deal.HandBack?.RevisitOn, deal.CreatedAt, deal.UpdatedAt,
            }), ct);
        foreach (var deal in deals) await BringAlongAsync(db, deal, ct);
        return written;
    }

    // As the deals would have moved their people, had they happened here.
    private static async Task BringAlongAsync(AutomationDb db, DemoDeal deal, CancellationToken ct)
    {
        await Stages.AdvanceAsync(db, deal.Contact.Id, LifecycleStage.Deal, deal.Owner, $"deal-opened: {deal.Key}", deal.CreatedAt, ct);
        LifecycleStage? end = deal.Status switch
        {
            DealStatus.Won => LifecycleStage.Won,
            DealStatus.Lost => LifecycleStage.Lost,
            DealStatus.Recycled => deal.HandBack!.Reason.IsNurtured() ? LifecycleStage.Recycled : LifecycleStage.Disqualified,
            _ => null,
        };
        if (end is { } stage) await Stages.MoveAsync(db, deal.Contact.Id, stage, deal.Owner, $"deal-{deal.Status.ToString().ToLowerInvariant()}: {deal.Key}", deal.UpdatedAt, ct);
    }

    private static Task<int> WriteEventsAsync(AutomationDb db, IEnumerable<DemoLeadEvent> events, CancellationToken ct) =>
        InsertAsync(db, "lead_events", "id, source, source_id, type, contact_id, occurred_at, received_at, data",
            events.Select(each => new object?[] { each.Id, each.Source, each.SourceId, each.Type, each.ContactId, each.At, each.At, each.Data }), ct);

    private static async Task<int> WriteSeasonsAsync(
        AutomationDb db, DemoSeasons seasons, List<DemoPerson> people, List<DemoOrder> orders, List<DemoConsent> consents, List<DemoSuppression> suppressions, CancellationToken ct)
    {
        var (ordersOf, consentsOf) = (orders.ToLookup(order => order.Buyer), consents.ToLookup(line => line.Person));
        var suppressed = suppressions.ToDictionary(each => each.AddressKey, StringComparer.Ordinal);
        var written = 0;
        foreach (var mailing in seasons.Mailings())
        {
            var mails = seasons.MailsOf(mailing, people, ordersOf, consentsOf, suppressed).ToList();
            if (mails.Count > 0) written += await WriteMailingAsync(db, mailing, mails, ct);
        }
        return written;
    }

    private static async Task<int> WriteMailingAsync(AutomationDb db, DemoMailing mailing, List<DemoMail> mails, CancellationToken ct)
    {
        var (ends, audience) = (mails[^1].At, mailing.Audience.ToJson());
        var occurrence = new Occurrence
        {
            Id = RowId.New(mailing.At),
            Key = mailing.Key,
            Year = mailing.Season,
            Title = mailing.Title,
            TitleEn = mailing.TitleEn,
            When = mailing.When,
            OpensAt = mailing.At,
            ClosesAt = mailing.At + mailing.Window,
            Audience = audience,
            Template = mailing.Template,
            Approach = mailing.Approach,
            Priority = 60,
            CollapseKey = mailing.CollapseKey,
            State = OccurrenceState.Launched,
            SettledAt = mailing.At,
        };
        var broadcast = new Broadcast
        {
            Id = RowId.New(mailing.At),
            Name = $"{mailing.Title} {mailing.Season}",
            Template = mailing.Template,
            Audience = audience,
            Approach = mailing.Approach,
            Priority = 60,
            OverCap = OverCap.Defer,
            CollapseKey = mailing.CollapseKey,
            SendAt = mailing.At,
            ValidUntil = mailing.At + mailing.Window,
            OccurrenceId = occurrence.Id,
            CreatedBy = "calendar",
            CreatedAt = mailing.At,
        };
        occurrence.BroadcastId = broadcast.Id;
        broadcast.BeginSelecting(mailing.At);
        broadcast.BeginSending();
        broadcast.Decide(mails.Max(mail => mail.Person.Id));
        broadcast.Finish(ends);
        db.Occurrences.Add(occurrence);
        db.Broadcasts.Add(broadcast);
        await db.SaveChangesAsync(ct);
        await InsertAsync(db, "broadcast_recipients", "broadcast_id, contact_id", mails.Select(mail => new object?[] { broadcast.Id, mail.Person.Id }), ct);
        return await InsertAsync(db, "outbox_messages",
            "id, identity, contact_id, origin, origin_id, node_id, recipient, template, class, approach, topics, over_cap, priority, collapse_key, context, state, requested_at, due_at, valid_until, rule, decision, "
            + "slot, slot_at, attempt, subject, sent_at, delivered_count, bounced_count, opens_total, opens_unique, clicks_total, clicks_unique",
            mails.Select(mail => MailRow(mailing, broadcast, mail)), ct);
    }

    private static object?[] MailRow(DemoMailing mailing, Broadcast broadcast, DemoMail mail)
    {
        var sent = mail.Rule.Length == 0;
        return
        [
            mail.Id, MessageIdentity.OfBroadcast(broadcast.Id, mail.Person.Id).ToString(), mail.Person.Id, MessageOrigin.Broadcast, broadcast.Id.ToString("N"), "", sent ? mail.Person.Email : null,
            mailing.Template, MessageClass.Marketing, mailing.Approach, "season", OverCap.Defer, 60, mailing.CollapseKey, "{}", sent ? MessageState.Sent : MessageState.Suppressed, mailing.At, mail.At,
            broadcast.ValidUntil, mail.Rule, "{}", sent ? SlotState.Spent : SlotState.None, sent ? mail.At : null, sent ? 1 : 0, sent ? mailing.Title : null, sent ? mail.At : null, sent ? 1 : 0, 0,
            mail.Opened ? 1 : 0, mail.Opened ? 1 : 0, mail.Clicked ? 1 : 0, mail.Clicked ? 1 : 0,
        ];
    }

    private static Task<int> InsertAsync(AutomationDb db, string table, string columns, IEnumerable<object?[]> rows, CancellationToken ct) =>
        db.InsertManyAsync(table, columns.Split(", "), [.. rows], tail: "", ct);
}
