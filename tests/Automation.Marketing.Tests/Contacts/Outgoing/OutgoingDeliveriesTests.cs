using System.Net;
using Automation.Marketing.Contacts;
using Automation.Marketing.Contacts.Outgoing;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Databases;
using Automation.Marketing.Tests.Scenarios;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Tests.Contacts.Outgoing;

public sealed class OutgoingDeliveriesTests
{
    public static TheoryData<DatabaseProvider> Both => TestDatabases.Both;

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Whoever_wants_an_event_gets_it_signed_and_nobody_else(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var crm = new Receiver(given);
        var made = await crm.IsToldOfAsync("deal.won", "lead.hot");
        var ada = await given.Contact("ada@example.com").Numbered("C-1");
        await TellAsync(given, ada, ("deal.won", """{"key":"D-1","name":"越前がに"}"""), ("deal.lost", "{}"));
        await crm.WorkAsync();
        var post = Assert.Single(crm.Posts);
        Assert.True(OutgoingSignature.Holds(made.Secret, post.Signature, post.Timestamp, post.Body));
        Assert.False(OutgoingSignature.Holds(made.Secret, post.Signature, post.Timestamp, post.Body + " "));
        Assert.False(OutgoingSignature.Holds(OutgoingSignature.NewSecret(), post.Signature, post.Timestamp, post.Body));
        Assert.Equal(given.Clock.Now.ToUnixTimeSeconds().ToString(), post.Timestamp);
        var json = post.Json;
        Assert.Equal(
            (post.Id, "deal.won", given.Clock.Now, ada.Id, "C-1", "ada@example.com", "D-1", "越前がに"),
            (json.GetProperty("id").GetString(), json.GetProperty("type").GetString(), json.GetProperty("at").GetDateTimeOffset(), json.GetProperty("contact").GetProperty("id").GetGuid(),
                json.GetProperty("contact").GetProperty("externalId").GetString(), json.GetProperty("contact").GetProperty("email").GetString(),
                json.GetProperty("data").GetProperty("key").GetString(), json.GetProperty("data").GetProperty("name").GetString()));
        await using var db = given.Open();
        var delivery = await db.OutgoingDeliveries.SingleAsync();
        Assert.Equal((DeliveryState.Delivered, 1, 204), (delivery.State, delivery.Attempts, delivery.Status));
        Assert.Equal("deal.won", (await db.OutgoingEvents.SingleAsync()).Type);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task What_nobody_wants_to_hear_leaves_no_row_and_is_not_even_made_up(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var ada = await given.Contact("ada@example.com");
        await using var db = given.Open();
        Assert.Equal(0, await OutgoingEvents.TellAsync(db, _ => throw new InvalidOperationException("asked for"), given.Clock.Now, default));
        await new Receiver(given).IsToldOfAsync("deal.won");
        Assert.Equal(0, await OutgoingEvents.TellAsync(db, [("message.sent", ada.Id, "{}")], given.Clock.Now, default));
        Assert.Equal((0, 0), (await db.OutgoingEvents.CountAsync(), await db.OutgoingDeliveries.CountAsync()));
    }

    [Theory]
    [InlineData(DatabaseProvider.Sqlite, "before")]
    [InlineData(DatabaseProvider.Sqlite, "after")]
    [InlineData(DatabaseProvider.PostgreSql, "before")]
    [InlineData(DatabaseProvider.PostgreSql, "after")]
    public async Task A_process_that_dies_before_or_after_the_post_loses_nothing(DatabaseProvider provider, string when)
    {
        await using var given = await Scenario.OnAsync(provider);
        var crm = new Receiver(given);
        await crm.IsToldOfAsync("deal.won");
        var ada = await given.Contact("ada@example.com");
        await TellAsync(given, ada, ("deal.won", "{}"));
        Action<Post> die = _ => throw new InsufficientMemoryException("killed");
        if (when == "before") crm.OnTheWay = die;
        else crm.Answer = _ => throw new InsufficientMemoryException("killed");
        await Assert.ThrowsAsync<InsufficientMemoryException>(() => crm.Worker().WorkAsync(default));
        (crm.OnTheWay, crm.Answer) = (_ => { }, _ => Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK)));
        Assert.Equal(0, await crm.Worker().WorkAsync(default));      // the lease of the dead one still runs
        given.Clock.Now += TimeSpan.FromMinutes(1);
        await crm.WorkAsync();
        Assert.Single(crm.Known);
        Assert.Equal(when == "before" ? 1 : 2, crm.Posts.Count);
        await using var db = given.Open();
        Assert.Equal(DeliveryState.Delivered, (await db.OutgoingDeliveries.SingleAsync()).State);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Only_the_last_workers_answer_counts(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var crm = new Receiver(given);
        await crm.IsToldOfAsync("deal.won");
        var ada = await given.Contact("ada@example.com");
        await TellAsync(given, ada, ("deal.won", "{}"));
        var first = new TaskCompletionSource<HttpResponseMessage>();
        crm.Answer = _ => first.Task;
        var slow = Task.Run(() => crm.Worker().WorkAsync(default));
        while (crm.Posts.IsEmpty) await Task.Yield();
        given.Clock.Now += TimeSpan.FromMinutes(1);
        crm.Answer = _ => Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK));
        await crm.WorkAsync();
        first.SetResult(new HttpResponseMessage(HttpStatusCode.InternalServerError));
        await slow;
        await using var db = given.Open();
        var delivery = await db.OutgoingDeliveries.SingleAsync();
        Assert.Equal((DeliveryState.Delivered, 200, 2), (delivery.State, delivery.Status, delivery.Attempts));
        Assert.Null((await db.OutgoingEndpoints.SingleAsync()).FailingSince);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Events_about_one_person_come_in_their_order_and_others_do_not_wait_for_them(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var crm = new Receiver(given);
        await crm.IsToldOfAsync("deal.opened", "deal.changed", "deal.won");
        var ada = await given.Contact("ada@example.com");
        var bob = await given.Contact("bob@example.com");
        await TellAsync(given, ada, ("deal.opened", "{}"), ("deal.changed", "{}"), ("deal.won", "{}"));
        await TellAsync(given, bob, ("deal.won", "{}"));
        crm.Answer = post => Task.FromResult(new HttpResponseMessage(post.Type == "deal.opened" ? HttpStatusCode.BadRequest : HttpStatusCode.OK));
        await crm.WorkAsync();
        Assert.Equal(["deal.opened", "deal.won"], crm.Posts.Select(post => post.Type).Order());
        Assert.DoesNotContain(crm.Posts, post => post.Type == "deal.won" && post.Json.GetProperty("contact").GetProperty("id").GetGuid() == ada.Id);
        crm.Answers(HttpStatusCode.OK);
        await crm.ForAsync(TimeSpan.FromHours(1));
        Assert.Equal(
            ["deal.opened", "deal.changed", "deal.won"],
            crm.Posts.Where(post => post.Json.GetProperty("contact").GetProperty("id").GetGuid() == ada.Id).Skip(1).Select(post => post.Type));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task What_a_receiver_cannot_digest_holds_a_persons_others_up_for_hours_not_days_and_is_given_up_after_three(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var crm = new Receiver(given);
        var endpoint = await crm.IsToldOfAsync("deal.opened", "deal.won", "lead.hot");
        var ada = await given.Contact("ada@example.com");
        var began = given.Clock.Now;
        await TellAsync(given, ada, ("deal.opened", "{}"), ("deal.won", "{}"));
        crm.Answer = post => Task.FromResult(new HttpResponseMessage(post.Type == "deal.opened" ? HttpStatusCode.UnprocessableEntity : HttpStatusCode.OK));
        await crm.ForAsync(TimeSpan.FromHours(2));
        Assert.DoesNotContain(crm.Posts, post => post.Type == "deal.won");
        await crm.ForAsync(TimeSpan.FromHours(10));
        Assert.Single(crm.Posts, post => post.Type == "deal.won");
        // Others are taken all the while, so that the endpoint counts as well.
        for (var day = 0; day < 4; day++)
        {
            await TellAsync(given, await given.Contact($"p{day}@example.com"), ("lead.hot", "{}"));
            await crm.ForAsync(TimeSpan.FromHours(20));
        }
        await using (var db = given.Open())
        {
            var poison = await db.OutgoingDeliveries.SingleAsync(one => one.Type == "deal.opened");
            Assert.Equal((DeliveryState.Dead, 422), (poison.State, poison.Status));
            Assert.InRange(poison.AnsweredAt!.Value - began, TimeSpan.FromDays(3), TimeSpan.FromDays(3.2));
            Assert.Equal(EndpointState.Active, (await db.OutgoingEndpoints.SingleAsync()).State);
            crm.Answers(HttpStatusCode.OK);
            await OutgoingEndpoints.ReplayAsync(db, poison.Id, "admin", given.Clock.Now, default);
        }
        var before = crm.Posts.Count;
        await crm.WorkAsync();
        Assert.Equal((before + 1, "deal.opened"), (crm.Posts.Count, crm.Posts.Last().Type));
        Assert.Equal(crm.Posts.First(post => post.Type == "deal.opened").Id, crm.Posts.Last().Id);
        Assert.NotEqual(Guid.Empty, endpoint.Id);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_receiver_that_is_down_is_asked_now_and_then_paused_after_a_day_and_gets_everything_in_order_when_it_is_back(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var crm = new Receiver(given);
        var endpoint = await crm.IsToldOfAsync("deal.changed");
        var people = new List<Contact>();
        for (var number = 0; number < 30; number++) people.Add(await given.Contact($"p{number}@example.com"));
        foreach (var round in new[] { 1, 2 })
            foreach (var person in people) await TellAsync(given, person, ("deal.changed", $$"""{"round":{{round}}}"""));
        crm.Answers(HttpStatusCode.ServiceUnavailable);
        await crm.ForAsync(TimeSpan.FromHours(23));
        // Sixty events wait, and the receiver is not stormed by them: one post each quarter of an hour.
        Assert.InRange(crm.Posts.Count, 40, 130);
        await crm.ForAsync(TimeSpan.FromHours(2));
        await using (var db = given.Open())
        {
            var paused = await db.OutgoingEndpoints.SingleAsync();
            Assert.Equal((EndpointState.Paused, OutgoingEndpoints.ByItself, "503 no"), (paused.State, paused.PausedBy, paused.LastProblem));
        }
        var tried = crm.Posts.Count;
        await crm.ForAsync(TimeSpan.FromDays(5));
        Assert.Equal(tried, crm.Posts.Count);
        crm.Posts.Clear();
        crm.Answers(HttpStatusCode.OK);
        await TellAsync(given, people[0], ("deal.changed", """{"round":3}"""));
        await using (var db = given.Open()) await OutgoingEndpoints.ResumeAsync(db, endpoint.Id, "admin", given.Clock.Now, default);
        await crm.WorkAsync();
        Assert.Equal(61, crm.Posts.Count);
        Assert.All(
            crm.Posts.GroupBy(post => post.Json.GetProperty("contact").GetProperty("id").GetGuid()),
            one => Assert.Equal(one.Select(Round).Order(), one.Select(Round)));

        static int Round(Post post) => post.Json.GetProperty("data").GetProperty("round").GetInt32();
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task While_a_secret_is_changed_either_holds_and_a_day_later_only_the_new_one(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var crm = new Receiver(given);
        var old = await crm.IsToldOfAsync("lead.hot");
        var ada = await given.Contact("ada@example.com");
        NewEndpoint fresh;
        await using (var db = given.Open()) fresh = await OutgoingEndpoints.RotateAsync(db, old.Id, "admin", given.Clock.Now, default);
        await TellAsync(given, ada, ("lead.hot", "{}"));
        await crm.WorkAsync();
        var post = crm.Posts.Single();
        Assert.All([old.Secret, fresh.Secret], secret => Assert.True(OutgoingSignature.Holds(secret, post.Signature, post.Timestamp, post.Body)));
        given.Clock.Now += OutgoingEndpoints.Overlap;
        await TellAsync(given, ada, ("lead.hot", "{}"));
        await crm.WorkAsync();
        post = crm.Posts.Last();
        Assert.Equal((false, true), (OutgoingSignature.Holds(old.Secret, post.Signature, post.Timestamp, post.Body), OutgoingSignature.Holds(fresh.Secret, post.Signature, post.Timestamp, post.Body)));
        await using var trail = given.Open();
        var audit = await trail.AuditEntries.Where(entry => entry.Action == "endpoint.secret").SingleAsync();
        Assert.DoesNotContain("whsec_", audit.Before + audit.After, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_period_is_sent_again_in_its_order_under_the_same_ids(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var crm = new Receiver(given);
        var endpoint = await crm.IsToldOfAsync("deal.changed");
        var ada = await given.Contact("ada@example.com");
        for (var day = 0; day < 3; day++)
        {
            await TellAsync(given, ada, ("deal.changed", $$"""{"day":{{day}}}"""));
            await crm.ForAsync(TimeSpan.FromDays(1));
        }
        var before = crm.Posts.Select(post => post.Id).ToList();
        crm.Posts.Clear();
        await using (var db = given.Open())
        {
            Assert.Equal(2, await OutgoingEndpoints.ReplayAsync(db, endpoint.Id, Scenario.Monday.AddHours(1), Scenario.Monday.AddDays(9), onlyDead: false, "admin", given.Clock.Now, default));
            Assert.Equal(0, await OutgoingEndpoints.ReplayAsync(db, endpoint.Id, Scenario.Monday, Scenario.Monday.AddDays(9), onlyDead: true, "admin", given.Clock.Now, default));
            await Assert.ThrowsAsync<RuleBrokenException>(() => OutgoingEndpoints.ReplayAsync(db, endpoint.Id, Scenario.Monday, Scenario.Monday, false, "admin", given.Clock.Now, default));
        }
        await crm.WorkAsync();
        Assert.Equal(before.Skip(1), crm.Posts.Select(post => post.Id));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_month_later_what_was_done_with_is_forgotten_and_what_still_waits_is_given_up(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var crm = new Receiver(given);
        var endpoint = await crm.IsToldOfAsync("deal.changed");
        var ada = await given.Contact("ada@example.com");
        await TellAsync(given, ada, ("deal.changed", "{}"));
        await crm.WorkAsync();
        await using (var db = given.Open()) await OutgoingEndpoints.PauseAsync(db, endpoint.Id, "admin", given.Clock.Now, default);
        await TellAsync(given, ada, ("deal.changed", "{}"));
        given.Clock.Now += OutgoingDeliveries.Keeps + TimeSpan.FromMinutes(1);
        await crm.Worker().TidyAsync(default);
        await using (var db = given.Open()) Assert.Equal((1, 1, DeliveryState.Dead), (await db.OutgoingEvents.CountAsync(), await db.OutgoingDeliveries.CountAsync(), (await db.OutgoingDeliveries.SingleAsync()).State));
        await crm.Worker().TidyAsync(default);
        await using (var db = given.Open()) Assert.Equal((0, 0), (await db.OutgoingEvents.CountAsync(), await db.OutgoingDeliveries.CountAsync()));
    }

    [Fact]
    public async Task Whatever_is_entered_wrongly_is_named_and_changes_nothing()
    {
        await using var given = await Scenario.OnAsync(DatabaseProvider.Sqlite);
        await using var db = given.Open();
        var access = new OutgoingAccess();
        foreach (var (input, remedy) in new (EndpointInput, string)[]
        {
            (new("", Receiver.Url, ["lead.hot"], false), "needs a name"),
            (new("CRM", "http://crm.example.com/", ["lead.hot"], false), "https://"),
            (new("CRM", "https://user:secret@crm.example.com/", ["lead.hot"], false), "https://"),
            (new("CRM", "file:///etc/passwd", ["lead.hot"], false), "https://"),
            (new("CRM", "https://10.0.0.8/", ["lead.hot"], false), "inside"),
            (new("CRM", "https://[::ffff:169.254.169.254]/", ["lead.hot"], false), "inside"),
            (new("CRM", Receiver.Url, [], false), "at least one"),
            (new("CRM", Receiver.Url, ["lead.hot", "lead.unheard_of"], false), "at least one"),
        })
        {
            var refused = await Assert.ThrowsAsync<RuleBrokenException>(() => OutgoingEndpoints.AddAsync(db, access, input, "admin", given.Clock.Now, default));
            Assert.Contains(remedy, refused.Message, StringComparison.Ordinal);
        }
        Assert.Equal((0, 0), (await db.OutgoingEndpoints.CountAsync(), await db.AuditEntries.CountAsync()));
    }

    internal static async Task TellAsync(Scenario given, Contact about, params (string Type, string Data)[] events)
    {
        await using var db = given.Open();
        await using var transaction = await db.BeginWriteAsync(default);
        await OutgoingEvents.TellAsync(db, [.. events.Select(one => (one.Type, about.Id, one.Data))], given.Clock.Now, default);
        await transaction.CommitAsync(default);
    }
}
