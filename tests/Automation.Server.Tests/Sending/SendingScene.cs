using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Automation.Marketing.Contacts;
using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Content;
using Automation.Marketing.Mail.Decision;
using Automation.Marketing.Mail.Delivery;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Databases;
using Automation.SendGrid;
using Automation.SendGrid.StandIn;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging.Abstractions;

namespace Automation.Server.Tests.Sending;

/// <summary>The product's sender on a real database, its client, and a stand-in at the other end of the line.</summary>
internal sealed class SendingScene : IAsyncDisposable
{
    private static readonly DateTimeOffset Now = RunningApp.Tokyo("2026-11-16 10:00");
    private static readonly TimeSpan AnswersWithin = TimeSpan.FromSeconds(5);

    private const string Sender = "\n{{ shop.legal_name }} {{ shop.address }} {{ shop.phone }} {{ links.unsubscribe }}";

    private readonly string folder = Directory.CreateTempSubdirectory("automation-sending-").FullName;
    private readonly TestDatabase database;
    private readonly WebApplication standIn;
    private readonly Clock.MovableClock clock;
    private readonly Line line;
    private int asked;

    private SendingScene(TestDatabase database, WebApplication standIn, Clock.MovableClock clock)
    {
        (this.database, this.standIn, this.clock) = (database, standIn, clock);
        line = new Line(Requests);
        StandIn = new HttpClient { BaseAddress = StandInServer.Address(standIn) };
        PlugIn();
    }

    public HttpClient StandIn { get; }

    public ShopIdentity Shop { get; init; } = RunningApp.Shop;

    /// <summary>Every request as it goes over the line.</summary>
    public List<byte[]> Requests { get; } = [];

    public TemplateCatalogue Templates { get; private set; } = TemplateCatalogue.Empty;

    public TemplateRenderer Renderer { get; private set; } = TemplateRenderer.WithoutPartials;

    public static async Task<SendingScene> StartAsync(StandInFaults? faults = null)
    {
        var clock = new Clock.MovableClock(Now, stands: true);
        var standIn = StandInServer.Build(new StandInOptions { Faults = faults ?? StandInFaults.None, Clock = clock });
        await standIn.StartAsync();
        var scene = new SendingScene(await TestDatabases.CreateAsync(DatabaseProvider.Sqlite), standIn, clock);
        await using var db = scene.Db();
        await db.SaveShopAsync(scene.Shop, Now, default);
        await db.SaveSendingPolicyAsync(new SendingPolicy(1, [], MinGap: null, Quiet: null), Now, default);
        return scene;
    }

    public AutomationDb Db() => database.CreateDbContext();

    /// <summary>With what the law asks of marketing mail below the text.</summary>
    public void AddTemplate(string id, string subject, string html, string text, string settings = """{"class":"marketing","approach":"A1"}""")
    {
        Add($"{id}/template.json", settings);
        foreach (var (part, content) in new[] { ("subject", subject), ("html", html + Sender), ("text", text + Sender) }) Add($"{id}/{part}.ja.sbn", content);
    }

    public void AddPartial(string name, string text) => Add($"_partials/{name}.sbn", text);

    public void LoadTemplates(string? from = null)
    {
        Templates = TemplateCatalogue.Load(from ?? folder);
        Renderer = new TemplateRenderer(TimeProvider.System);
    }

    public async Task<Contact> AddPersonAsync(string email, string? name, string custom = "{}", string? language = null)
    {
        await using var db = Db();
        var contact = Contact.Create(Guid.CreateVersion7(Now), Now);
        contact.SetEmail(EmailAddress.Parse(email));
        (contact.Name, contact.Custom, contact.Language) = (name, custom, language);
        db.Contacts.Add(contact);
        db.ConsentEntries.Add(new Marketing.Contacts.Consent.ConsentEntry
        {
            Id = Guid.CreateVersion7(Now),
            ContactId = contact.Id,
            State = Marketing.Contacts.Consent.ConsentState.Granted,
            Basis = Marketing.Contacts.Consent.ConsentBasis.OptIn,
            Source = "form",
            Actor = "person",
            At = Now.AddDays(-1),
        });
        await db.SaveChangesAsync();
        return contact;
    }

    /// <summary>Asks for one mail each, all with this context, and sends all that is due.</summary>
    public async Task SendAsync(string template, string context, IEnumerable<Contact> people, MessageClass messageClass = MessageClass.Marketing)
    {
        await using (var db = Db())
        {
            await using var transaction = await db.BeginWriteAsync(default);
            var step = $"step-{asked++}";
            var requests = people.Select(person => new MailRequest(
                new MessageIdentity(person.Id, MessageOrigin.Flow, "flow", step, 1, 1), template, messageClass,
                messageClass is MessageClass.Marketing ? Approach.A1 : Approach.None, OverCap.Defer, 50, Now.AddDays(7), Context: context)).ToList();
            await Outbox.RequestAsync(db, requests, await db.SendingPolicyAsync(default), "Asia/Tokyo", Now, default);
            await transaction.CommitAsync(default);
        }
        await SendDueAsync();
    }

    /// <summary>Lets time pass, then does what is due.</summary>
    public async Task PassAsync(TimeSpan time)
    {
        clock.MoveTo(clock.GetUtcNow() + time);
        while (await new UnknownOutcomes(database, clock, NullLogger<UnknownOutcomes>.Instance).SettleDueAsync(default) > 0) { }
        await SendDueAsync();
    }

    public async Task SetFaultsAsync(StandInFaults faults) =>
        (await StandIn.PutAsJsonAsync("/stand-in/faults", new { seed = faults.Seed, faults = faults.Rules })).EnsureSuccessStatusCode();

    /// <summary>Nobody is at the other end from now on.</summary>
    public void Unplug() => Connect(new Uri($"http://127.0.0.1:{ServiceProcess.FreePort()}/"));

    public void PlugIn() => Connect(StandInServer.Address(standIn));

    /// <summary>All mails at the stand-in, as the people would get them.</summary>
    public async Task<IReadOnlyList<JsonObject>> MailsAsync()
    {
        var all = new List<JsonObject>();
        for (var page = 1; ; page++)
        {
            var rows = (await StandIn.GetFromJsonAsync<JsonObject>($"/stand-in/mails?size=500&page={page}"))!["mails"]!.AsArray();
            if (rows.Count == 0) return all;
            foreach (var row in rows) all.Add((await StandIn.GetFromJsonAsync<JsonObject>($"/stand-in/mails/{row!["id"]}"))!);
        }
    }

    public async ValueTask DisposeAsync()
    {
        StandIn.Dispose();
        await standIn.StopAsync();
        await standIn.DisposeAsync();
        await database.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    private void Connect(Uri address) => line.Provider = new SendGridProvider(
        SendGridClient.Create(new SendGridOptions { ApiKey = "key", BaseAddress = address, Timeout = AnswersWithin, ConnectTimeout = AnswersWithin }, clock));

    private async Task SendDueAsync()
    {
        var sender = new MailSender(
            database, new MailComposer(Templates, Renderer), line, new LinkFactory(new PublicAddress(), clock), new DeliveryOptions(), clock, NullLogger<MailSender>.Instance);
        while (await sender.SendDueAsync(default) > 0) { }
    }

    private void Add(string file, string content)
    {
        var path = Path.Combine(folder, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
    }

    private sealed class Line(List<byte[]> requests) : IMailProvider
    {
        public IMailProvider Provider { get; set; } = null!;

        public Task<SendResult> SendAsync(MailSendRequest request, CancellationToken cancellation)
        {
            lock (requests) requests.Add(request.ToUtf8Json());
            return Provider.SendAsync(request, cancellation);
        }
    }
}
