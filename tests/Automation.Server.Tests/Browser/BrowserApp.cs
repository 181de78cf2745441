using Automation.Marketing.Accounts;
using Automation.Marketing.Campaigns;
using Automation.Marketing.Campaigns.Turns;
using Automation.Marketing.Contacts;
using Automation.Marketing.Contacts.Consent;
using Automation.Marketing.Contacts.Outgoing;
using Automation.Marketing.Deals;
using Automation.Marketing.Mail;
using Automation.Marketing.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;

namespace Automation.Server.Tests.Browser;

/// <summary>The whole service on a file of its own, a small shop in it, and a browser in front of it.</summary>
public sealed class BrowserApp : IAsyncLifetime
{
    public const string Password = RunningApp.Password;

    private const string Chromium = "/usr/bin/chromium";

    private RunningApp app = null!;
    private IPlaywright? playwright;

    public IBrowser Browser { get; private set; } = null!;

    public Uri Address => app.Server.Address;
    public Guid Customer { get; } = Guid.CreateVersion7();
    public Guid Quiet { get; } = Guid.CreateVersion7();
    public Guid Buyer { get; } = Guid.CreateVersion7();
    public Guid OpenDeal { get; } = Guid.CreateVersion7();
    public Guid ReturnedDeal { get; } = Guid.CreateVersion7();
    /// <summary>Hot, and waiting for sales' answer.</summary>
    public Guid Lead { get; private set; }

    /// <summary>A broadcast with everything that one can do besides going to everybody at once.</summary>
    public Guid Tried { get; private set; }

    public Guid Broadcast { get; private set; }

    public AutomationDb OpenDb() => app.Db();

    public Task SettleAsync() => app.SettleAsync();

    public T Get<T>() where T : notnull => app.Server.App.Services.GetRequiredService<T>();

    public async Task InitializeAsync()
    {
        // A missing browser is a failure, not a reason to skip: nobody would notice.
        Assert.True(File.Exists(Chromium), $"{Chromium} is needed for the browser tests: install the package 'chromium'.");
        app = await RunningApp.StartAsync(DatabaseProvider.Sqlite, "2026-10-20 10:00");
        await MakeShopAsync();
        Assertions.SetDefaultExpectTimeout(60_000);
        playwright = await Playwright.CreateAsync();
        Browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Chromium,
            Args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-quic", "--no-first-run"],
        });
    }

    public async Task DisposeAsync()
    {
        if (Browser is not null) await Browser.DisposeAsync();
        playwright?.Dispose();
        await app.DisposeAsync();
    }

    private async Task MakeShopAsync()
    {
        await using var db = OpenDb();
        var now = Get<TimeProvider>().GetUtcNow();
        Add(db, Customer, "山田 花子", "ヤマダ ハナコ", "hanako@example.com", "福井県", ConsentState.Granted, now.AddYears(-1));
        Add(db, Quiet, "佐藤 次郎", "サトウ ジロウ", "jiro@example.com", "東京都", ConsentState.Withdrawn, now.AddYears(-1));
        Add(db, Buyer, "鈴木 一郎", "スズキ イチロウ", "ichiro.of.a.very.long.address.indeed@department.example.com", "大阪府", ConsentState.Granted, now.AddMonths(-3));
        for (var number = 0; number < 60; number++)
            Add(db, Guid.CreateVersion7(), $"会員 {number}", "カイイン", $"member{number}@example.com", "京都府", ConsentState.Granted, now.AddMonths(-2));
        db.ContactTags.AddRange(new ContactTag { ContactId = Customer, Tag = "かに" }, new ContactTag { ContactId = Customer, Tag = "お得意様" });
        db.ContactSources.Add(new ContactSource { ContactId = Customer, Source = "import:customers.csv", FirstSeenAt = now.AddYears(-1), LastSeenAt = now });
        for (var order = 0; order < 30; order++)
            db.Purchases.Add(new Purchase { Id = Guid.CreateVersion7(), Source = "shop", OrderId = $"O-{order}", Line = 1, ContactId = Customer, Date = new DateOnly(2024, 1, 15).AddMonths(order), Product = "越前がに 雄 900g", Category = "かに", Quantity = 1, Net = 12_800 });
        db.LeadEvents.Add(new LeadEvent { Id = Guid.CreateVersion7(), Source = "shop", SourceId = "e-1", Type = "quote.requested", ContactId = Customer, OccurredAt = now.AddDays(-3), ReceivedAt = now });
        db.Deals.AddRange(NewDeal(OpenDeal, "D-1001", Buyer, now), NewDeal(ReturnedDeal, "D-1002", Customer, now), NewDeal(Guid.CreateVersion7(), "D-1003", Quiet, now));
        db.Users.Add(new User { Id = Guid.CreateVersion7(), UserName = "kojima@example.com", Email = "kojima@example.com", DisplayName = "小島 里奈", PasswordHash = "none", Role = "sales", CreatedAt = now });
        await db.SaveChangesAsync();
        // A CRM that is not there: what it should hear of waits.
        await OutgoingEndpoints.AddAsync(db, new OutgoingAccess { AllowsLoopback = true }, new EndpointInput("CRM", "http://127.0.0.1:1/hooks", ["deal.won", "message.sent"], WithAddress: true), "admin", now, default);
        await HandingBack.HandBackAsync(db, ReturnedDeal, new HandBackRequest(HandBackReason.TooEarly, null, "来春にもう一度ご相談"), "admin", now, default);
        Lead = (await EventIntake.TakeAsync(db, [.. new[] { "quote.requested", "mail.replied", "page.viewed" }.Select(LeadDid)], "test", now, default))[0].ContactId;
        AddOnPaper(db, "黒田 ふみ", now, contact => (contact.PostalCode, contact.Prefecture, contact.Address) = ("9100001", "福井県", "福井市大手三丁目10番1号 みなと町コーポラス 203号室"));
        AddOnPaper(db, "西村 豊", now, contact => contact.Phone = "0776-00-1234");
        Broadcast = Get<Broadcasts>().Create(db, new NewBroadcast("十月のお便り", "newsletter/monthly", new Audience()), "admin", now).Id;
        await db.SaveChangesAsync();
        await app.SettleAsync();
        // Once more to those who have just got one: the limits hold these back.
        Get<Broadcasts>().Create(db, new NewBroadcast("かにの解禁", "season/crab-opening", new Audience(Tags: ["かに"]), ValidUntil: now.AddDays(14), OverCap: OverCap.Defer), "admin", now);
        Tried = Get<Broadcasts>().Create(
            db,
            new NewBroadcast("秋の便り", "newsletter/monthly", new Audience(), OverCap: OverCap.Skip)
            {
                Options = new BroadcastOptions(
                    new LocalHour(DateTime.SpecifyKind(now.UtcDateTime.Date, DateTimeKind.Unspecified).AddHours(10)), 600, new VersionTest(TestOf.Subject, "", "秋の味覚が届きました", Share: 50), 10, OnPaper: true),
            },
            "admin", now).Id;
        await db.SaveChangesAsync();
        await app.SettleAsync();
    }

    private static LeadEventInput LeadDid(string type) => LeadEventInput.Read(
        System.Text.Json.JsonSerializer.SerializeToElement(new
        {
            source = "web",
            id = "lead-" + type,
            type,
            data = new { url = "https://shop.example.com/price" },
            contact = new { email = "kanda@hotel.example.com", name = "神田 直樹", company = "みなとホテル", prefecture = "福井県", phone = "0776-00-0001", consent = new { basis = "opt-in", evidence = "form v1" } },
        }),
        "event");

    private static void AddOnPaper(AutomationDb db, string name, DateTimeOffset now, Action<Contact> where)
    {
        var contact = Contact.Create(Guid.CreateVersion7(), now);
        contact.Name = name;
        where(contact);
        db.Contacts.Add(contact);
    }

    private static void Add(AutomationDb db, Guid id, string name, string kana, string email, string prefecture, ConsentState consent, DateTimeOffset at)
    {
        var contact = Contact.Create(id, at);
        (contact.Name, contact.Kana, contact.Prefecture) = (name, kana, prefecture);
        contact.SetEmail(EmailAddress.Parse(email));
        db.Contacts.Add(contact);
        db.ConsentEntries.Add(new ConsentEntry { Id = Guid.CreateVersion7(), ContactId = id, State = consent, Basis = consent is ConsentState.Withdrawn ? ConsentBasis.OwnWithdrawal : ConsentBasis.OptIn, Source = "form", Actor = "person", At = at });
    }

    private static Deal NewDeal(Guid id, string key, Guid contact, DateTimeOffset now) => new()
    {
        Id = id,
        DealKey = key,
        ContactId = contact,
        Stage = "見積",
        Owner = "tanaka",
        Amount = 480_000,
        NextAction = "電話",
        NextActionOn = new DateOnly(2026, 10, 19),
        CreatedAt = now.AddDays(-20),
        UpdatedAt = now.AddDays(-5),
    };
}

[CollectionDefinition(nameof(BrowserApp))]
public sealed class BrowserCollection : ICollectionFixture<BrowserApp>;
