using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Automation.Marketing.Accounts;
using Automation.Marketing.Deals;
using Automation.Marketing.Journeys;
using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Decision;
using Automation.Marketing.Storage;
using Automation.Server.Tests.SignIn;
using Microsoft.EntityFrameworkCore;

namespace Automation.Server.Tests;

public sealed class DealsTests
{
    [Theory]
    [InlineData(DatabaseProvider.Sqlite)]
    [InlineData(DatabaseProvider.PostgreSql)]
    public async Task Deals_are_handed_back_together_over_the_api_and_each_refusal_is_named(DatabaseProvider provider)
    {
        await using var app = await RunningApp.StartAsync(provider, "2026-11-16 10:00");
        await OpenAsync(app, "D-1");
        var ben = await OpenAsync(app, "D-2");
        var answer = await app.Http.PostAsJsonAsync("/api/deals/hand-backs", new { deals = new[] { "D-1", ben.ToString(), "D-9" }, reason = "budget" });
        var many = (await answer.Content.ReadFromJsonAsync<JsonObject>())!;
        Assert.Equal((2, "D-9"), (many["done"]!.AsArray().Count, many["refused"]!.AsArray().Single()!["deal"]!.GetValue<string>()));
        await app.SettleAsync();
        await using (var db = app.Db()) Assert.Equal(2, await db.FlowInstances.CountAsync(run => run.DefinitionId == "re-nurture"));
        many = (await (await app.Http.PostAsJsonAsync("/api/deals/hand-backs", new { deals = new[] { "D-1" }, reason = "budget" })).Content.ReadFromJsonAsync<JsonObject>())!;
        Assert.Contains("only an open deal", many["refused"]![0]!["why"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"reason\":\"budget\"}", "deals")]
    [InlineData("{\"deals\":[],\"reason\":\"budget\"}", "deals")]
    [InlineData("{\"deals\":[1],\"reason\":\"budget\"}", "deals")]
    [InlineData("{\"deals\":[\"D-1\"],\"reason\":\"bored\"}", "reason")]
    [InlineData("{\"deals\":[\"D-1\"],\"reason\":\"budget\",\"colour\":1}", "colour")]
    public async Task A_request_to_hand_back_several_names_its_fault(string body, string field)
    {
        await using var app = await RunningApp.StartAsync(DatabaseProvider.Sqlite, "2026-11-16 10:00");
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        var answer = await app.Http.PostAsync("/api/deals/hand-backs", content);
        Assert.Equal((HttpStatusCode.BadRequest, field), (answer.StatusCode, (await answer.Content.ReadFromJsonAsync<JsonObject>())!["field"]!.GetValue<string>()));
    }

    [Fact]
    public async Task A_complaint_over_the_api_silences_selling_and_is_closed_with_its_handling()
    {
        await using var app = await RunningApp.StartAsync(DatabaseProvider.Sqlite, "2026-11-16 10:00");
        var ada = await app.PostEventAsync("1", "page.viewed", RunningApp.Person("ada@example.com"));
        var opened = (await (await app.Http.PostAsJsonAsync($"/api/contacts/{ada}/complaints", new { text = "解凍されていた" })).Content.ReadFromJsonAsync<JsonObject>())!;
        await using (var db = app.Db()) Assert.NotNull((await db.Contacts.SingleAsync(person => person.Id == ada)).ComplaintOpenedAt);
        var closure = $"/api/contacts/{ada}/complaints/{opened["id"]}/closure";
        Assert.Equal(HttpStatusCode.BadRequest, (await app.Http.PutAsJsonAsync(closure, new { })).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await app.Http.PutAsJsonAsync(closure, new { handling = "再送した" })).StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, (await app.Http.PutAsJsonAsync(closure, new { handling = "再送した" })).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await app.Http.PutAsJsonAsync($"/api/contacts/{Guid.NewGuid()}/complaints/{opened["id"]}/closure", new { handling = "x" })).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await app.Http.PostAsJsonAsync($"/api/contacts/{Guid.NewGuid()}/complaints", new { text = "x" })).StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, (await app.Http.PostAsJsonAsync($"/api/contacts/{ada}/complaints", new { text = "x", wholeCompany = true })).StatusCode);
        var list = (await app.Http.GetFromJsonAsync<JsonArray>($"/api/contacts/{ada}/complaints"))!;
        Assert.Equal("再送した", list.Single()!["handling"]!.GetValue<string>());
    }

    [Fact]
    public async Task Sales_works_a_deal_from_its_page_to_its_end()
    {
        await using var app = await RunningApp.StartAsync(DatabaseProvider.Sqlite, "2026-11-16 10:00");
        var id = await OpenAsync(app, "D-1");
        await using var db = app.Db();
        using var sales = await Visitor.SignedInAsync(app.Server.Address, db, Roles.Sales);
        var page = $"/deals/{id}";
        async Task PostAsync(string handler, params (string, string)[] fields) =>
            Assert.Equal(HttpStatusCode.Found, (await sales.PostFormAsync(page, $"{page}?handler={handler}", fields)).StatusCode);
        await PostAsync("Change", ("Stage", "交渉"), ("Owner", "井上"), ("Amount", "120000.5"), ("NextAction", "電話"), ("NextActionOn", "2026-11-20"));
        await PostAsync("Change", ("Stage", "見積"), ("Amount", "a lot"));
        await PostAsync("Record", ("Kind", "Visit"), ("Status", "Done"), ("Proposal", "定期便"), ("Reaction", "<b>前向き</b>"), ("NextAction", "見積を送る"), ("NextActionOn", "2026-11-24"));
        var deal = await db.Deals.AsNoTracking().SingleAsync();
        Assert.Equal(("交渉", "井上", 120_000.5m, "見積を送る", new DateOnly(2026, 11, 24)), (deal.Stage, deal.Owner, deal.Amount, deal.NextAction, deal.NextActionOn));
        Assert.Contains("&lt;b&gt;", await sales.Http.GetStringAsync(page), StringComparison.Ordinal);
        // Each filter of the list finds it, and its opposite does not.
        foreach (var (found, missed) in new[]
        {
            ("Text=定期便", "Text=100%"), ("Owner=井上", "Owner=小島"), ("Stage=交渉", "Stage=見積"), ("Next=Planned", "Next=Due"), ("AmountFrom=120000", "AmountTo=120000"),
            ("Kind=Visit", "Kind=Call"), ("Talk=Done", "Talk=Planned"), ("Text=ada%40EXAMPLE", "Happening=Complained"),
        })
        {
            Assert.Contains(id.ToString(), await sales.Http.GetStringAsync($"/deals?Filters.{found}"), StringComparison.Ordinal);
            Assert.DoesNotContain(id.ToString(), await sales.Http.GetStringAsync($"/deals?Filters.{missed}"), StringComparison.Ordinal);
        }
        await PostAsync("Lost", ("Reason", "Competitor"), ("Note", "他社に決定"), ("handBack", "true"), ("When", "HalfYear"));
        await app.SettleAsync();
        deal = await db.Deals.AsNoTracking().SingleAsync();
        Assert.Equal((DealStatus.Recycled, HandBackReason.Competitor, new DateOnly(2027, 5, 16)), (deal.Status, deal.LostReason, deal.RevisitOn));
        Assert.Equal("revisit", (await db.FlowInstances.AsNoTracking().SingleAsync(run => run.Status == FlowInstanceStatus.Running)).DefinitionId);
        Assert.Contains(id.ToString(), await sales.Http.GetStringAsync("/deals?Filters.Happening=Lost&Filters.Since=2026-11-16&Filters.Until=2026-11-16"), StringComparison.Ordinal);
        Assert.DoesNotContain(id.ToString(), await sales.Http.GetStringAsync("/deals?Filters.Happening=Lost&Filters.Until=2026-11-15"), StringComparison.Ordinal);
        await PostAsync("Revisit", ("day", "2027-04-01"));
        Assert.Equal(new DateOnly(2027, 4, 1), (await db.Deals.AsNoTracking().SingleAsync()).RevisitOn);
        Assert.Equal(HttpStatusCode.Forbidden, (await (await Visitor.SignedInAsync(app.Server.Address, db, Roles.Viewer)).PostFormAsync(page, $"{page}?handler=Won")).StatusCode);
    }

    [Fact]
    public async Task A_file_of_a_deal_is_saved_and_never_shown_whatever_it_pretends_to_be()
    {
        await using var app = await RunningApp.StartAsync(DatabaseProvider.Sqlite, "2026-11-16 10:00");
        var id = await OpenAsync(app, "D-1");
        await using var db = app.Db();
        var file = await DealFiles.AddAsync(db, id, "../\"quote\r\n.html", "定期便のご提案", "<script>alert(1)</script>"u8.ToArray(), "sales", app.Clock.GetUtcNow(), default);
        using var sales = await Visitor.SignedInAsync(app.Server.Address, db, Roles.Sales);
        using var answer = await sales.Http.GetAsync($"/deals/{id}?handler=File&file={file.Id}");
        Assert.Equal("attachment", answer.Content.Headers.ContentDisposition!.DispositionType);
        Assert.Equal("_quote.html", answer.Content.Headers.ContentDisposition.FileNameStar);
        Assert.Equal("text/plain", answer.Content.Headers.ContentType!.MediaType);
        Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.StartsWith("sandbox", answer.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await sales.Http.GetAsync($"/deals/{Guid.NewGuid()}?handler=File&file={file.Id}")).StatusCode);
        Assert.Contains("_quote.html", await sales.Http.GetStringAsync("/deals/files?text=定期便&outcome=Open"), StringComparison.Ordinal);
        Assert.DoesNotContain("_quote.html", await sales.Http.GetStringAsync("/deals/files?outcome=Won"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Several_deals_are_previewed_with_their_count_and_refusals_are_listed()
    {
        await using var app = await RunningApp.StartAsync(DatabaseProvider.Sqlite, "2026-11-16 10:00");
        var (first, second) = (await OpenAsync(app, "D-1"), await OpenAsync(app, "D-2"));
        await using var db = app.Db();
        using var sales = await Visitor.SignedInAsync(app.Server.Address, db, Roles.Sales);
        sales.Http.DefaultRequestHeaders.AcceptLanguage.ParseAdd("en");
        var both = $"id={first}&id={second}";
        Assert.Contains("2 deals leave the open list", await sales.Http.GetStringAsync($"/deals/hand-back?handler=Preview&{both}&reason=Budget"), StringComparison.Ordinal);
        await HandingBack.HandBackAsync(db, second, new HandBackRequest(HandBackReason.Budget, null, null), "other", app.Clock.GetUtcNow(), default);
        using var answer = await sales.PostFormAsync($"/deals/hand-back?{both}", "/deals/hand-back", ("id", first.ToString()), ("id", second.ToString()), ("Reason", "Budget"), ("When", "None"));
        var said = await answer.Content.ReadAsStringAsync();
        Assert.Contains("1 deals were handed back, 1 were not", said, StringComparison.Ordinal);
        Assert.Contains("D-2", said, StringComparison.Ordinal);
        Assert.Equal(2, await db.HandBacks.CountAsync());
        using var none = await sales.PostFormAsync($"/deals/hand-back?{both}", "/deals/hand-back", ("Reason", "Budget"));
        Assert.Contains("No open deal is chosen", await none.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_companys_page_shows_everyone_with_deals_and_complaints_and_what_holds_for_all()
    {
        await using var app = await RunningApp.StartAsync(DatabaseProvider.Sqlite, "2026-11-16 10:00");
        await OpenAsync(app, "D-1");
        await OpenAsync(app, "D-2");
        await using var db = app.Db();
        foreach (var person in await db.Contacts.ToListAsync()) person.Company = "株式会社いそ & <仲間>";
        db.CompanyMarks.Add(new Automation.Marketing.Contacts.CompanyMark { Company = "株式会社いそ & <仲間>", Suppressed = true, Reason = "ご要望", Actor = "kanri", At = app.Clock.GetUtcNow() });
        await db.SaveChangesAsync();
        await Automation.Marketing.Contacts.Complaints.ComplaintDesk.OpenAsync(db, (await db.Contacts.FirstAsync()).Id, "解凍されていた", true, "sales", app.Clock.GetUtcNow(), default);
        using var sales = await Visitor.SignedInAsync(app.Server.Address, db, Roles.Sales);
        var page = WebUtility.HtmlDecode(await sales.Http.GetStringAsync("/people/company?name=" + Uri.EscapeDataString("株式会社いそ & <仲間>")));
        foreach (var shown in new[] { "D-1", "D-2", "解凍されていた", "ご要望" }) Assert.Contains(shown, page, StringComparison.Ordinal);
        Assert.DoesNotContain("<仲間>", await sales.Http.GetStringAsync("/people/company?name=" + Uri.EscapeDataString("株式会社いそ & <仲間>")), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await sales.Http.GetAsync("/people/company?name=nobody")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await sales.Http.GetAsync("/people/company")).StatusCode);
    }

    [Fact]
    public async Task The_sales_home_shows_who_waits_who_is_hot_and_why_what_is_due_and_what_was_sent()
    {
        await using var app = await RunningApp.StartAsync(DatabaseProvider.Sqlite, "2026-11-16 10:00");
        await using var db = app.Db();
        using var sales = await Visitor.SignedInAsync(app.Server.Address, db, Roles.Sales);
        const string Own = "Somebody Sales";
        var waiting = await app.PostEventAsync("1", "quote.requested", RunningApp.Person("waiting@example.com"));
        await app.SettleAsync();
        var (due, planned, bare, others) = (await DealOfAsync("due", Own, "2026-11-16"), await DealOfAsync("planned", Own, "2026-11-17"), await DealOfAsync("bare", Own, null), await DealOfAsync("others", "小島 里奈", "2026-11-16"));
        var hot = await app.PostEventAsync("2", "quote.requested", RunningApp.Person("due@example.com"));
        await app.SettleAsync();
        // Care goes on while sales owns the person.
        await using (var transaction = await db.BeginWriteAsync(default))
        {
            await Outbox.RequestAsync(
                db,
                [
                    new MailRequest(
                        new MessageIdentity(hot, MessageOrigin.Flow, "care", "step", 1, 1), "care/thanks-after-purchase",
                        MessageClass.Marketing, Approach.A3, OverCap.Defer, 50, app.Clock.GetUtcNow().AddDays(7)),
                ],
                await db.SendingPolicyAsync(default), "Asia/Tokyo", app.Clock.GetUtcNow(), default);
            await transaction.CommitAsync(default);
        }
        await app.SettleAsync();
        var mine = WebUtility.HtmlDecode(await sales.Http.GetStringAsync("/sales"));
        Assert.Contains($"/leads/{waiting}", mine, StringComparison.Ordinal);
        Assert.Contains("answer by Tue 17 Nov", mine, StringComparison.Ordinal);
        Assert.Contains($"/leads/{hot}", mine, StringComparison.Ordinal);
        Assert.Contains($"/deals/{due}", mine, StringComparison.Ordinal);
        Assert.Contains($"/deals/{bare}", mine, StringComparison.Ordinal);
        Assert.Contains("no next action", mine, StringComparison.Ordinal);
        Assert.DoesNotContain($"/deals/{planned}", mine, StringComparison.Ordinal);
        Assert.DoesNotContain($"/deals/{others}", mine, StringComparison.Ordinal);
        Assert.Contains("care/thanks-after-purchase", mine, StringComparison.Ordinal);
        Assert.Contains($"/deals/{others}", await sales.Http.GetStringAsync("/sales?everyone=true"), StringComparison.Ordinal);

        async Task<Guid> DealOfAsync(string name, string owner, string? next)
        {
            var person = await app.PostEventAsync(name, "page.viewed", RunningApp.Person($"{name}@example.com"));
            var edit = new DealEdit("見積", owner, null, next is null ? null : "電話", next is null ? null : DateOnly.Parse(next, null));
            return (await DealDesk.OpenAsync(db, new NewDeal(person, name, edit), "sales", app.Clock.GetUtcNow(), default)).Id;
        }
    }

    private static async Task<Guid> OpenAsync(RunningApp app, string key)
    {
        var person = await app.PostEventAsync(key, "page.viewed", RunningApp.Person(key == "D-1" ? "ada@example.com" : $"{key.ToLowerInvariant()}@example.com"));
        await using var db = app.Db();
        return (await DealDesk.OpenAsync(db, new NewDeal(person, key, new DealEdit("見積", "小島 里奈", null, null, null)), "sales", app.Clock.GetUtcNow(), default)).Id;
    }
}
