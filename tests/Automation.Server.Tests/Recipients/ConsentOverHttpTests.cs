using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Automation.Marketing.Contacts.Consent;
using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Decision;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Databases;
using Microsoft.EntityFrameworkCore;

namespace Automation.Server.Tests.Recipients;

/// <summary>What a person says about mail, through the doors of the running service.</summary>
public sealed partial class ConsentOverHttpTests
{
    public static TheoryData<DatabaseProvider> Both => TestDatabases.Both;

    [Theory, MemberData(nameof(Both))]
    public async Task A_double_opt_in_is_confirmed_by_the_button_and_not_by_opening_the_link(DatabaseProvider provider)
    {
        await using var app = await RunningApp.StartAsync(provider, "2026-06-01 10:00");
        var contact = await app.PostEventAsync("1", "form.sent", new { email = "new@example.com", name = "新田 葵", language = "ja" });
        var asked = await app.Http.PostAsJsonAsync($"/api/contacts/{contact}/opt-in", new { source = "news-form", wording = "v3", ipAddress = "192.0.2.7" });
        Assert.Equal(HttpStatusCode.Accepted, asked.StatusCode);
        await app.SettleAsync();
        var message = (await app.MessagesAsync(contact)).Single();
        var mail = await app.MailAsync("new@example.com", message["id"]!.GetValue<string>());
        var link = Link().Match(mail["html"]!.GetValue<string>()).Value;

        using var nobody = new HttpClient(new HttpClientHandler { UseCookies = true });
        var page = await nobody.GetStringAsync(link);
        Assert.Equal("Pending", await StateAsync(app, contact));
        var token = Antiforgery().Match(page).Groups[1].Value;
        var pressed = await nobody.PostAsync(link, new FormUrlEncodedContent([new("__RequestVerificationToken", token)]));
        Assert.Equal(HttpStatusCode.OK, pressed.StatusCode);
        Assert.Equal("Granted", await StateAsync(app, contact));
        await using var db = app.Db();
        var granted = await db.ConsentEntries.SingleAsync(line => line.State == ConsentState.Granted);
        Assert.Equal((ConsentBasis.DoubleOptIn, "api:news-form", "v3"), (granted.Basis, granted.Source, granted.Wording));
    }

    [Theory]
    [InlineData("""{"wording":"v1"}""", "source")]
    [InlineData("""{"source":"x","topic":"a,b"}""", "topic")]
    [InlineData("""{"source":"x","extra":1}""", "extra")]
    public async Task A_question_that_is_not_whole_is_refused_by_its_field(string body, string field)
    {
        await using var app = await RunningApp.StartAsync(DatabaseProvider.Sqlite, "2026-06-01 10:00");
        var contact = await app.PostEventAsync("1", "form.sent", new { email = "new@example.com" });
        var answer = await app.Http.PostAsync($"/api/contacts/{contact}/opt-in", new StringContent(body, System.Text.Encoding.UTF8, "application/json"));
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal(field, (await answer.Content.ReadFromJsonAsync<JsonObject>())!["field"]!.GetValue<string>());
        await using var db = app.Db();
        Assert.False(await db.ConsentEntries.AnyAsync());
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_message_says_by_which_rule_and_when_next(DatabaseProvider provider)
    {
        await using var app = await RunningApp.StartAsync(provider, "2026-06-01 10:00");
        var contact = await app.PostEventAsync("1", "lead.created", RunningApp.Person("ada@example.com"));
        await app.SettleAsync();
        await using (var db = app.Db())
        {
            await using var transaction = await db.BeginWriteAsync(default);
            await Outbox.RequestAsync(
                db, [new MailRequest(new MessageIdentity(contact, MessageOrigin.Flow, "test", "step", 1, 1), "welcome/day-3", MessageClass.Marketing, Approach.A2, OverCap.Defer, 50, app.Clock.GetUtcNow().AddDays(7))],
                await db.SendingPolicyAsync(default), "Asia/Tokyo", app.Clock.GetUtcNow(), default);
            await transaction.CommitAsync(default);
        }
        var held = (await app.MessagesAsync(contact)).Single(message => message["state"]!.GetValue<string>() == "Deferred");
        var decision = (await app.Http.GetFromJsonAsync<JsonObject>($"/api/messages/{held["id"]}"))!["decision"]!;
        Assert.Equal("min-gap", decision["rule"]!.GetValue<string>());
        Assert.InRange(decision["nextEligible"]!.GetValue<DateTimeOffset>(), RunningApp.Tokyo("2026-06-02 08:00"), RunningApp.Tokyo("2026-06-02 08:30"));
    }

    private static async Task<string> StateAsync(RunningApp app, Guid contact) =>
        (await app.Http.GetFromJsonAsync<JsonObject>($"/api/contacts/{contact}/consent"))!["state"]!.GetValue<string>();

    [GeneratedRegex("http[^\"\\s]+/confirm/[A-Za-z0-9_-]+", RegexOptions.None, 10_000)]
    private static partial Regex Link();

    [GeneratedRegex("name=\"__RequestVerificationToken\" type=\"hidden\" value=\"([^\"]+)\"", RegexOptions.None, 10_000)]
    private static partial Regex Antiforgery();
}
