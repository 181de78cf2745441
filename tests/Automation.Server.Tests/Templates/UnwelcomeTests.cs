using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Automation.Marketing.Accounts;
using Automation.Marketing.Campaigns.Calendar;
using Automation.Marketing.Contacts;
using Automation.Marketing.Contacts.Consent;
using Automation.Marketing.Mail;
using Automation.Marketing.Storage;
using Automation.Server.Tests.SignIn;
using Microsoft.EntityFrameworkCore;

namespace Automation.Server.Tests.Templates;

/// <summary>Whoever uses a template again that was not welcome is told so and asked; nobody is stopped.</summary>
public sealed class UnwelcomeTests
{
    private const string Template = "newsletter/monthly";

    // 100 mails, 11 people unsubscribed.
    private const string Score = "-1,100";

    private static readonly (string, string)[] Broadcast = [("Form.Name", "News"), ("Form.Template", Template), ("Form.WaitDays", "7"), ("Form.TestShare", "20"), ("Form.TestHours", "24"), ("Form.TestLeast", "100")];

    [Fact]
    public async Task A_broadcast_a_mailing_and_a_flow_of_it_are_made_only_by_those_who_have_seen_its_figures()
    {
        await using var app = await RunningApp.StartAsync(DatabaseProvider.Sqlite, "2026-11-05 10:00");
        await using var db = app.Db();
        await SentAsync(db, app.Clock.GetUtcNow());
        using var visitor = await Visitor.SignedInAsync(app.Server.Address, db, Roles.Admin);
        visitor.Http.DefaultRequestHeaders.AcceptLanguage.ParseAdd("en");

        Assert.Contains(Score, await visitor.Http.GetStringAsync("/templates?handler=Figures"), StringComparison.Ordinal);
        Assert.Contains("100 mails: 0 replied, 0 clicked, 0 bought, 11 unsubscribed, 0 reported as spam", await visitor.Http.GetStringAsync($"/templates/edit/{Template}?handler=Welcome"), StringComparison.Ordinal);
        Assert.Contains("No marketing mail", await visitor.Http.GetStringAsync("/templates/edit/welcome/day-0?handler=Welcome"), StringComparison.Ordinal);

        await BroadcastAsync(visitor, db);
        await MailingAsync(visitor, db, app.Clock.GetUtcNow());
        await FlowAsync(visitor, db);
    }

    [Theory, InlineData("en", "was not welcome in the last 12 months"), InlineData("ja", "お客様に喜ばれていません")]
    public async Task Over_the_API_the_answer_carries_the_warning_in_the_callers_language(string language, string says)
    {
        await using var app = await RunningApp.StartAsync(DatabaseProvider.Sqlite, "2026-11-05 10:00");
        await using (var db = app.Db()) await SentAsync(db, app.Clock.GetUtcNow());
        app.Http.DefaultRequestHeaders.AcceptLanguage.ParseAdd(language);
        var warning = Assert.Single((await MakeAsync(Template))["warnings"]!.AsArray())!;
        Assert.Contains(says, warning["message"]!.ToString(), StringComparison.Ordinal);
        Assert.Equal((Template, -1100.0, 100, 11), (warning["template"]!.ToString(), warning["score"]!.GetValue<double>(), warning["mails"]!.GetValue<int>(), warning["unsubscribed"]!.GetValue<int>()));
        Assert.Empty((await MakeAsync("season/crab-opening"))["warnings"]!.AsArray());

        async Task<JsonObject> MakeAsync(string template)
        {
            var answer = await app.Http.PostAsync("/api/broadcasts", new StringContent($$"""{"name":"n","template":"{{template}}","sendAt":"2026-12-01T00:00:00Z"}""", Encoding.UTF8, "application/json"));
            Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
            return (await answer.Content.ReadFromJsonAsync<JsonObject>())!;
        }
    }

    private static async Task BroadcastAsync(Visitor visitor, AutomationDb db)
    {
        var review = await TextAsync(await visitor.PostFormAsync("/broadcasts/new", "/broadcasts/new?handler=Review", Broadcast));
        Assert.Contains(Score, review, StringComparison.Ordinal);
        Assert.Contains("name=\"accept\"", review, StringComparison.Ordinal);
        Assert.DoesNotContain("name=\"accept\"", await TextAsync(await visitor.PostFormAsync("/broadcasts/new", "/broadcasts/new?handler=Review", [.. Broadcast.Where(field => field.Item1 != "Form.Template"), ("Form.Template", "season/crab-opening")])), StringComparison.Ordinal);
        var people = (await db.Contacts.CountAsync()).ToString(System.Globalization.CultureInfo.InvariantCulture);

        var asked = await visitor.PostFormAsync("/broadcasts/new", "/broadcasts/new?handler=Create", [.. Broadcast, ("Typed", people)]);
        Assert.Contains("Tick that you want", await TextAsync(asked), StringComparison.Ordinal);
        Assert.Equal(0, await db.Broadcasts.CountAsync());
        var made = await visitor.PostFormAsync("/broadcasts/new", "/broadcasts/new?handler=Create", [.. Broadcast, ("Typed", people), ("accept", "true")]);
        Assert.Equal(HttpStatusCode.Redirect, made.StatusCode);
        Assert.Equal(1, await db.Broadcasts.CountAsync());
    }

    private static async Task MailingAsync(Visitor visitor, AutomationDb db, DateTimeOffset now)
    {
        var mailing = new Occurrence
        {
            Id = Guid.CreateVersion7(now),
            Key = "news",
            Year = 2026,
            Title = "便り",
            When = "2026-12-01",
            OpensAt = now.AddDays(20),
            ClosesAt = now.AddDays(27),
            Audience = "{}",
            Template = Template,
            Approach = Approach.A1,
            Priority = 50,
            NeedsApproval = true,
        };
        db.Occurrences.Add(mailing);
        await db.SaveChangesAsync();
        var page = $"/calendar/{mailing.Id}";
        Assert.Contains(Score, await visitor.Http.GetStringAsync(page), StringComparison.Ordinal);
        await visitor.PostFormAsync(page, page + "?handler=Approve");
        Assert.Contains("Tick that you want", await visitor.Http.GetStringAsync(page), StringComparison.Ordinal);
        Assert.False(await db.Occurrences.AnyAsync(one => one.ApprovedAt != null));
        await visitor.PostFormAsync(page, page + "?handler=Approve", ("accept", "true"));
        Assert.True(await db.Occurrences.AnyAsync(one => one.ApprovedAt != null));
    }

    private static async Task FlowAsync(Visitor visitor, AutomationDb db)
    {
        const string Form = "/flows/new/thanks";
        (string, string)[] flow = [("Form.Name", "News after a purchase"), ("Form.Event", "order.placed"), ("Form.Goal", "order.placed"), ("Form.First", Template), ("Form.FirstDays", "10"), ("Form.CoolDownDays", "60"), ("Form.Second", ""), ("Form.Third", "")];
        Assert.Contains("Tick that you want", await TextAsync(await visitor.PostFormAsync(Form, Form, flow)), StringComparison.Ordinal);
        Assert.False(await db.FlowDefinitions.AnyAsync(one => one.Name == "News after a purchase"));

        // As a draft nothing is asked; publishing the draft asks.
        var kept = await visitor.PostFormAsync(Form, Form, [.. flow, ("draft", "true")]);
        Assert.True(kept.StatusCode is HttpStatusCode.Redirect, await kept.Content.ReadAsStringAsync());
        var page = kept.Headers.Location!.ToString();
        Assert.Contains(Score, await visitor.Http.GetStringAsync(page), StringComparison.Ordinal);
        await visitor.PostFormAsync(page, page + "?handler=Publish");
        Assert.False(await IsPublishedAsync());
        await visitor.PostFormAsync(page, page + "?handler=Publish", ("accept", "true"));
        Assert.True(await IsPublishedAsync());

        Task<bool> IsPublishedAsync() => db.FlowDefinitions.AnyAsync(one => one.Name == "News after a purchase" && one.IsPublished);
    }

    private static async Task<string> TextAsync(HttpResponseMessage answer)
    {
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await answer.Content.ReadAsStringAsync();
    }

    private static async Task SentAsync(AutomationDb db, DateTimeOffset now)
    {
        await using var transaction = await db.BeginWriteAsync(default);
        for (var at = 0; at < 100; at++)
        {
            var person = Contact.Create(Guid.CreateVersion7(now), now);
            person.SetEmail(EmailAddress.Parse($"p{at}@example.com"));
            var mail = new OutboxMessage
            {
                Id = Guid.CreateVersion7(now),
                Identity = $"past-{at}",
                ContactId = person.Id,
                Origin = MessageOrigin.Broadcast,
                OriginId = "past",
                Template = Template,
                Class = MessageClass.Marketing,
                Approach = Approach.A1,
                RequestedAt = now.AddDays(-40),
            };
            db.AddRange(person, mail);
            if (at < 11)
                db.ConsentEntries.Add(new ConsentEntry { Id = Guid.CreateVersion7(now), ContactId = person.Id, State = ConsentState.Withdrawn, Basis = ConsentBasis.OwnWithdrawal, Source = "one-click", Evidence = mail.Id.ToString(), Actor = "person", At = now.AddDays(-39) });
        }
        await db.SaveChangesAsync();
        await db.ExecuteAsync("UPDATE outbox_messages SET state = 'Sent', sent_at = requested_at", default);
        await transaction.CommitAsync(default);
        db.ChangeTracker.Clear();
    }
}
