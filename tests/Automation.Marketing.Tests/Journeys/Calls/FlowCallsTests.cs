using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Automation.Marketing.Contacts;
using Automation.Marketing.Journeys;
using Automation.Marketing.Journeys.Calls;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Databases;
using Automation.Marketing.Tests.Scenarios;
using Automation.Workflows.Activities;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Tests.Journeys.Calls;

public sealed class FlowCallsTests
{
    private static readonly HttpAccess Listed = new() { Hosts = ["api.example.com"] };

    public static TheoryData<DatabaseProvider> Both => TestDatabases.Both;

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_run_goes_on_with_what_was_answered(DatabaseProvider provider)
    {
        var host = new Host(_ => new HttpReply(200, new Dictionary<string, string>(), new Dictionary<string, object?> { ["rank"] = "gold" }));
        await using var given = await GivenAsync(provider);
        var (workers, ada) = (WorkersWith(given, host), await CallingAsync(given, host));
        await workers.DrainAsync();
        Assert.Equal(["200", "gold"], await TagsAsync(given, ada));
        var call = Assert.Single(host.Calls);
        Assert.Equal(("POST", "https://api.example.com/rank", "text/plain"), (call.Method, call.Url.ToString(), call.ContentType));
        Assert.NotEmpty(call.Headers[FlowCalls.KeyHeader]);
        await using var db = given.Open();
        Assert.Equal((0, 0), (await db.FlowCalls.CountAsync(), await db.Stimuli.CountAsync()));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Nothing_is_called_within_a_burst_and_a_slow_host_keeps_nobody_from_the_database(DatabaseProvider provider)
    {
        var answer = new TaskCompletionSource<HttpReply>();
        var host = new Host(_ => answer.Task.GetAwaiter().GetResult());
        await using var given = await GivenAsync(provider);
        var (workers, ada) = (WorkersWith(given, host), await CallingAsync(given, host));
        await workers.Engine.WorkAsync(default);
        Assert.Empty(host.Calls);
        var calling = Task.Run(() => workers.Calls.WorkAsync(default));
        while (host.Calls.IsEmpty) await Task.Yield();
        // The database takes writes, and others' flows go on, while the host thinks.
        await given.Contact("bob@example.com").WhoConsented();
        Assert.Equal(0, await workers.Calls.WorkAsync(default));
        answer.SetResult(new HttpReply(204, new Dictionary<string, string>(), null));
        await calling;
        await workers.DrainAsync();
        Assert.Equal(["other"], await TagsAsync(given, ada));
        Assert.Single(host.Calls);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_process_that_dies_in_the_middle_of_a_call_makes_it_again_under_the_same_key(DatabaseProvider provider)
    {
        var dies = true;
        var host = new Host(_ => dies ? throw new InsufficientMemoryException("killed") : new HttpReply(200, new Dictionary<string, string>(), null));
        await using var given = await GivenAsync(provider);
        var (workers, ada) = (WorkersWith(given, host), await CallingAsync(given, host));
        await workers.Engine.WorkAsync(default);
        await Assert.ThrowsAsync<InsufficientMemoryException>(() => workers.Calls.WorkAsync(default));
        dies = false;
        var next = WorkersWith(given, host);
        Assert.Equal(0, await next.Calls.WorkAsync(default));      // the lease of the dead one still runs
        given.Clock.Now += TimeSpan.FromMinutes(3);
        await next.DrainAsync();
        Assert.Equal(2, host.Calls.Count);
        Assert.Single(host.Calls.Select(call => call.Headers[FlowCalls.KeyHeader]).Distinct());
        Assert.Equal(["200"], await TagsAsync(given, ada));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Only_the_last_workers_answer_counts(DatabaseProvider provider)
    {
        var answers = new Queue<TaskCompletionSource<HttpReply>>([new(), new()]);
        var asked = answers.ToArray();
        var host = new Host(_ =>
        {
            lock (answers) return answers.Dequeue().Task;
        });
        await using var given = await GivenAsync(provider);
        var (workers, ada) = (WorkersWith(given, host), await CallingAsync(given, host));
        await workers.Engine.WorkAsync(default);
        var slow = Task.Run(() => workers.Calls.WorkAsync(default));
        while (host.Calls.IsEmpty) await Task.Yield();
        given.Clock.Now += TimeSpan.FromMinutes(3);
        var quick = Task.Run(() => WorkersWith(given, host).Calls.WorkAsync(default));
        while (host.Calls.Count < 2) await Task.Yield();
        asked[0].SetResult(new HttpReply(500, new Dictionary<string, string>(), null));
        await slow;
        asked[1].SetResult(new HttpReply(200, new Dictionary<string, string>(), null));
        await quick;
        await workers.DrainAsync();
        Assert.Equal(["200"], await TagsAsync(given, ada));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Nobody_there_is_a_way_of_its_own_and_a_refusal_sets_the_run_apart(DatabaseProvider provider)
    {
        var host = new Host(call => Task.FromException<HttpReply>(
            call.Content is "ada@example.com" ? new HttpRequestException("nobody") : new HttpAccessException("'api.example.com' took longer than 10 seconds.")));
        await using var given = await GivenAsync(provider);
        var (workers, ada) = (WorkersWith(given, host), await CallingAsync(given, host));
        var bob = await given.Contact("bob@example.com").WhoConsented();
        await given.HappensAsync(bob, "x");
        await workers.DrainAsync();
        Assert.Equal(["nobody"], await TagsAsync(given, ada));
        Assert.Empty(await TagsAsync(given, bob));
        await using var db = given.Open();
        Assert.Equal(FlowInstanceStatus.Faulted, (await db.FlowInstances.SingleAsync(run => run.ContactId == bob.Id)).Status);
        var step = await db.FlowSteps.SingleAsync(one => one.ContactId == bob.Id && one.Happened == "Faulted");
        Assert.Equal(("call", "'api.example.com' took longer than 10 seconds."), (step.ActivityId, step.Detail));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task What_a_run_that_has_ended_wanted_to_know_is_not_asked(DatabaseProvider provider)
    {
        var host = new Host(_ => new HttpReply(200, new Dictionary<string, string>(), null));
        await using var given = await GivenAsync(provider);
        var (workers, ada) = (WorkersWith(given, host), await CallingAsync(given, host));
        await workers.Engine.WorkAsync(default);
        await using var db = given.Open();
        await Stimuli.WriteAsync(db, [new NewStimulus(Stimuli.MustEnd, ExitReasons.Erased, ada.Id)], given.Clock.Now, default);
        await workers.DrainAsync();
        Assert.Empty(host.Calls);
        Assert.Equal(0, await db.FlowCalls.CountAsync());
    }

    [Fact]
    public async Task A_flow_that_calls_is_published_only_where_its_host_is_listed()
    {
        await using var given = await Scenario.OnAsync(DatabaseProvider.Sqlite);
        Assert.Equal("calls-closed", await CodeAsync(given, new HttpAccess(), "https://api.example.com/x"));
        Assert.Equal("unlisted-host", await CodeAsync(given, Listed, "https://other.example.com/x"));
        Assert.Equal("unlisted-host", await CodeAsync(given, Listed, "file:///etc/passwd"));
        Assert.Null(await CodeAsync(given, Listed, "https://api.example.com/x"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("orders/{id}")]
    [InlineData("../etc")]
    [InlineData("a b")]
    public async Task A_path_that_nobody_can_call_is_named(string path)
    {
        await using var given = await Scenario.OnAsync(DatabaseProvider.Sqlite);
        await using var db = given.Open();
        var drawing = new Drawing("in").Step(Endpoint(path, "POST")).Step("tag", "AddTag", ("tag", "t")).Path("in", "tag");
        var flow = await given.Workers.Flows.ImportAsync(db, drawing.ToJson(), "ada", given.Clock.Now, default);
        Assert.Contains(await given.Workers.Flows.CheckAsync(db, flow, default), finding => finding.ActivityId == "in" && finding.Code is "bad-path" or "bad-trigger");
    }

    [Theory]
    [InlineData("Elsa.DispatchWorkflow", "workflowDefinitionId")]
    [InlineData("Elsa.RunTask", "taskName")]
    public async Task A_step_that_no_flow_of_people_can_do_is_named_and_faults_its_own_run_only(string type, string input)
    {
        await using var given = await Scenario.OnAsync(DatabaseProvider.Sqlite);
        var drawing = new Drawing("odd").Event("x").Step("ask", type, (input, "other")).Path("start", "ask");
        await using var db = given.Open();
        var flow = await given.Workers.Flows.ImportAsync(db, drawing.ToJson(), "ada", given.Clock.Now, default);
        Assert.Contains(await given.Workers.Flows.CheckAsync(db, flow, default), finding => finding is { ActivityId: "ask", Code: "not-for-people" });
        // Published before this was asked for.
        await new Drawing("odd").Event("x").Step("ask", "AddTag", ("tag", "t")).Path("start", "ask").PublishedAsync(given);
        await db.ExecuteAsync("UPDATE flow_definitions SET json = @p0 WHERE is_published = @p1", default, flow.Json, true);
        await new Drawing("other").Event("x").Step("tag", "AddTag", ("tag", "other")).Path("start", "tag").PublishedAsync(given);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        await given.HappensAsync(ada, "x");
        // In one round, which nothing makes fail.
        Assert.Equal(1, await given.Restarted().Engine.WorkAsync(default));
        Assert.Equal(["other"], await TagsAsync(given, ada));
        var run = await db.FlowInstances.AsNoTracking().SingleAsync(one => one.DefinitionId == "odd");
        var step = await db.FlowSteps.AsNoTracking().SingleAsync(one => one.InstanceId == run.Id && one.Happened == "Faulted");
        Assert.Equal((FlowInstanceStatus.Faulted, "ask"), (run.Status, step.ActivityId));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_request_begins_a_flow_or_wakes_one_that_waits_for_it(DatabaseProvider provider)
    {
        await using var given = await GivenAsync(provider);
        await new Drawing("in").Step(Endpoint("/Orders/New", "POST", "PUT"))
            .Step("tag", "AddTag", ("tag", Scriban("event.data.body.kind"))).Step(Endpoint("orders/paid", "POST", "paid")).Step("done", "AddTag", ("tag", "paid"))
            .Path("in", "tag", "paid", "done").PublishedAsync(given);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        await RequestedAsync(given, "orders/other", "POST");
        await RequestedAsync(given, "orders/new", "GET");
        await given.WorkAsync();
        Assert.Empty(await TagsAsync(given, ada));
        await RequestedAsync(given, "orders/new", "PUT");
        await given.WorkAsync();
        Assert.Equal(["gift"], await TagsAsync(given, ada));
        given.Restarted();
        await RequestedAsync(given, "ORDERS/paid/", "POST");
        await given.WorkAsync();
        Assert.Equal(["gift", "paid"], await TagsAsync(given, ada));
        await using var db = given.Open();
        Assert.Equal(FlowInstanceStatus.Finished, (await db.FlowInstances.SingleAsync()).Status);
    }

    private static async Task<Scenario> GivenAsync(DatabaseProvider provider) => await Scenario.OnAsync(provider);

    private static Workers WorkersWith(Scenario given, Host host) => new(given.Database, given.Clock, given.Provider, http: Listed, caller: host);

    // Asks a host for the rank of the person, and tags them with what comes of it.
    private static async Task<Contact> CallingAsync(Scenario given, Host host)
    {
        var call = new JsonObject
        {
            ["id"] = "call",
            ["type"] = "Elsa.SendHttpRequest",
            ["version"] = 1,
            ["url"] = Literal("Uri", "https://api.example.com/rank"),
            ["method"] = Literal("String", "POST"),
            ["contentType"] = Literal("String", "text/plain"),
            ["content"] = Scriban("contact.email"),
            ["expectedStatusCodes"] = new JsonObject { ["typeName"] = "ICollection<Int32>", ["expression"] = new JsonObject { ["type"] = "Object", ["value"] = "[200]" } },
            ["parsedContent"] = new JsonObject { ["typeName"] = "Object", ["memoryReference"] = new JsonObject { ["id"] = "answer" } },
        };
        var drawing = new Drawing("calls").Settings(new { approach = "None" }).Event("x").Step(call).Step("ok", "AddTag", ("tag", "200")).Step("rank", "AddTag", ("tag", Script("String", "variables.answer.rank")))
            .Step("other", "AddTag", ("tag", "other")).Step("none", "AddTag", ("tag", "nobody"))
            .Path("start", "call").Line("call", "ok", "200").Line("call", "other", "Unmatched status code").Line("call", "none", "Failed to connect")
            .Step("known", "Elsa.FlowDecision", ("condition", Script("Boolean", "variables.answer != null && variables.answer.rank == 'gold'")))
            .Path("ok", "known").Line("known", "rank", "True");
        var json = JsonNode.Parse(drawing.ToJson())!;
        json["variables"] = new JsonArray(new JsonObject { ["id"] = "answer", ["name"] = "answer", ["typeName"] = "Object", ["storageDriverTypeName"] = "WorkflowInstanceStorageDriver" });
        await using var db = given.Open();
        var flows = WorkersWith(given, host).Flows;
        await flows.SaveDraftAsync(db, new FlowDraft(json.ToJsonString()), "marketer", given.Clock.Now, default);
        var publication = await flows.PublishAsync(db, "calls", "marketer", given.Clock.Now, default);
        Assert.True(publication.Published, string.Join('\n', publication.Findings));
        var ada = await given.Contact("ada@example.com").WhoConsented();
        await given.HappensAsync(ada, "x");
        return ada;
    }

    private static async Task<string?> CodeAsync(Scenario given, HttpAccess access, string url)
    {
        var call = new JsonObject { ["id"] = "call", ["type"] = "Elsa.SendHttpRequest", ["version"] = 1, ["url"] = Literal("Uri", url) };
        await using var db = given.Open();
        var flows = new Workers(given.Database, given.Clock, given.Provider, http: access).Flows;
        var flow = await flows.ImportAsync(db, new Drawing("calls").Event("x").Step(call).Path("start", "call").ToJson(), "ada", given.Clock.Now, default);
        return (await flows.CheckAsync(db, flow, default)).FirstOrDefault(finding => finding.ActivityId == "call")?.Code;
    }

    private static async Task RequestedAsync(Scenario given, string path, string method)
    {
        var json = System.Text.Json.JsonSerializer.SerializeToElement(new
        {
            source = "http",
            id = Guid.NewGuid().ToString("N"),
            type = "http.request",
            contact = new { email = "ada@example.com" },
            data = new { method, path, body = new { kind = "gift" } },
        });
        await using var db = given.Open();
        await EventIntake.TakeAsync(db, [LeadEventInput.Read(json, "") with { Request = Stimuli.RequestKey(method, path) }], "api-key", given.Clock.Now, default);
    }

    private static JsonObject Endpoint(string path, params string[] methods)
    {
        // The last word names the step when it is no method.
        var id = methods[^1].All(char.IsUpper) ? "in" : methods[^1];
        return new JsonObject
        {
            ["id"] = id,
            ["type"] = "Elsa.HttpEndpoint",
            ["version"] = 1,
            ["customProperties"] = new JsonObject { ["canStartWorkflow"] = id == "in" },
            ["path"] = Literal("String", path),
            ["supportedMethods"] = new JsonObject
            {
                ["typeName"] = "ICollection<String>",
                ["expression"] = new JsonObject { ["type"] = "Object", ["value"] = new JsonArray([.. methods.Where(method => method.All(char.IsUpper)).Select(method => JsonValue.Create(method))]).ToJsonString() },
            },
        };
    }

    private static JsonObject Literal(string type, string value) => new() { ["typeName"] = type, ["expression"] = new JsonObject { ["type"] = "Literal", ["value"] = value } };

    private static JsonObject Script(string type, string text) => new() { ["typeName"] = type, ["expression"] = new JsonObject { ["type"] = "JavaScript", ["value"] = text } };

    private static JsonObject Scriban(string expression) => new() { ["typeName"] = "String", ["expression"] = new JsonObject { ["type"] = "Scriban", ["value"] = expression } };

    private static async Task<List<string>> TagsAsync(Scenario given, Contact contact)
    {
        await using var db = given.Open();
        return await db.ContactTags.Where(tag => tag.ContactId == contact.Id).OrderBy(tag => tag.Tag).Select(tag => tag.Tag).ToListAsync();
    }

    /// <summary>A host outside that answers as it is told.</summary>
    private sealed class Host(Func<HttpCall, Task<HttpReply>> answer) : IHttpCaller
    {
        public Host(Func<HttpCall, HttpReply> answer) : this(call => Task.FromResult(answer(call))) { }

        public ConcurrentQueue<HttpCall> Calls { get; } = new();

        public async ValueTask<HttpReply> SendAsync(HttpCall call, CancellationToken cancellation)
        {
            Calls.Enqueue(call);
            return await answer(call);
        }
    }
}
