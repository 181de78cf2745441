using System.Text.Json.Nodes;
using Automation.Marketing.Journeys;
using Automation.Marketing.Journeys.Control;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Content;
using Automation.Marketing.Tests.Databases;
using Automation.Marketing.Tests.Scenarios;
using Automation.Workflows.Definitions;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Tests.Journeys;

public sealed class FlowDefinitionsTests
{
    public static TheoryData<DatabaseProvider> Both => TestDatabases.Both;

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_save_over_a_draft_overwrites_it_and_one_over_a_published_version_makes_the_next(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await using var db = given.Open();
        var flows = given.Workers.Flows;
        var first = await flows.SaveDraftAsync(db, new FlowDraft(Thanks("a")), "ada", given.Clock.Now, default);
        var again = await flows.SaveDraftAsync(db, new FlowDraft(Thanks("b")), "ada", given.Clock.Now, default);
        Assert.Equal((first.Id, 1, 2, "b"), (again.Id, again.Version, again.Revision, again.Name));
        var published = (await flows.PublishAsync(db, "thanks", "ada", given.Clock.Now, default)).Flow;
        Assert.Equal((true, true, 1), (published.IsPublished, published.IsLatest, published.Version));
        var next = await flows.SaveDraftAsync(db, new FlowDraft(Thanks("c")), "bob", given.Clock.Now, default);
        Assert.Equal((2, true, false), (next.Version, next.IsLatest, next.IsPublished));
        Assert.Equal(
            [(1, false, true, "b"), (2, true, false, "c")],
            (await db.FlowDefinitions.AsNoTracking().OrderBy(one => one.Version).ToListAsync()).Select(one => (one.Version, one.IsLatest, one.IsPublished, one.Name)));
        Assert.Equal("c", (await FlowDefinitions.FindAsync(db, "thanks", VersionOptions.Latest, default))!.Name);
        Assert.Equal("b", (await FlowDefinitions.FindAsync(db, "thanks", VersionOptions.Published, default))!.Name);
        Assert.Equal("b", (await FlowDefinitions.FindAsync(db, "thanks", VersionOptions.Number(1), default))!.Name);
        Assert.Equal("c", (await FlowDefinitions.FindAsync(db, "thanks", VersionOptions.LatestOrPublished, default))!.Name);
        Assert.Null(await FlowDefinitions.FindAsync(db, "thanks", VersionOptions.LatestAndPublished, default));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_stale_save_is_refused_by_name_and_changes_nothing(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await using var db = given.Open();
        var flows = given.Workers.Flows;
        var seen = await flows.SaveDraftAsync(db, new FlowDraft(Thanks("a")), "ada", given.Clock.Now, default);
        var revision = seen.Revision;
        await flows.SaveDraftAsync(db, new FlowDraft(Thanks("b"), seen.Id, revision), "bob", given.Clock.Now, default);
        var refused = await Assert.ThrowsAsync<RuleBrokenException>(() => flows.SaveDraftAsync(db, new FlowDraft(Thanks("c"), seen.Id, revision), "ada", given.Clock.Now, default));
        Assert.Contains("bob", refused.Message, StringComparison.Ordinal);
        Assert.Equal("b", (await db.FlowDefinitions.AsNoTracking().SingleAsync()).Name);
        // The same person's own saves follow each other without a look back.
        await flows.SaveDraftAsync(db, new FlowDraft(Thanks("d"), seen.Id, revision), "bob", given.Clock.Now, default);
        // Published meanwhile: an edit of the version before is stale as well.
        await flows.PublishAsync(db, "thanks", "bob", given.Clock.Now, default);
        await flows.SaveDraftAsync(db, new FlowDraft(Thanks("e")), "bob", given.Clock.Now, default);
        await Assert.ThrowsAsync<RuleBrokenException>(() => flows.SaveDraftAsync(db, new FlowDraft(Thanks("f"), seen.Id), "ada", given.Clock.Now, default));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Many_who_save_at_once_make_one_draft_and_lose_no_version(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async number =>
        {
            await using var db = given.Open();
            await given.Workers.Flows.SaveDraftAsync(db, new FlowDraft(Thanks("n" + number)), "person-" + number, given.Clock.Now, default);
        }));
        await using (var db = given.Open())
        {
            var only = await db.FlowDefinitions.SingleAsync();
            Assert.Equal((1, 8, true), (only.Version, only.Revision, only.IsLatest));
        }
    }

    [Fact]
    public async Task What_the_editor_does_not_send_stays_and_settings_are_the_stores_own()
    {
        await using var given = await Scenario.OnAsync(DatabaseProvider.Sqlite);
        await using var db = given.Open();
        var flows = given.Workers.Flows;
        var full = JsonNode.Parse(Thanks("a"))!.AsObject();
        full["toolVersion"] = "3.8.0.0";
        full["x-own"] = new JsonArray(1, 2);
        full["options"] = new JsonObject { ["usableAsActivity"] = true, ["x"] = 1 };
        full["root"]!["metadata"] = new JsonObject { ["zoom"] = 2 };
        await flows.ImportAsync(db, full.ToJsonString(), "ada", given.Clock.Now, default);
        await flows.SaveSettingsAsync(db, "thanks", new JsonObject { ["approach"] = "A3", ["forecast"] = 7 }, null, "ada", given.Clock.Now, default);
        // As the designer sends it: an old copy of the settings, nothing of what it does not know.
        var sent = JsonNode.Parse(Thanks("b"))!.AsObject();
        sent["options"] = new JsonObject { ["usableAsActivity"] = false };
        sent["customProperties"]!["theirs"] = 1;
        ((JsonObject)sent["root"]!).Remove("start");
        var saved = (await flows.SaveDraftAsync(db, new FlowDraft(sent.ToJsonString()), "ada", given.Clock.Now, default)).Definition();
        Assert.Equal("3.8.0.0", saved.Json["toolVersion"]!.GetValue<string>());
        Assert.Equal("[1,2]", saved.Json["x-own"]!.ToJsonString());
        Assert.Equal("{\"usableAsActivity\":false,\"x\":1}", saved.Json["options"]!.ToJsonString());
        Assert.Equal(7, saved.CustomProperties["automation"]!["forecast"]!.GetValue<int>());
        Assert.Equal(1, saved.CustomProperties["theirs"]!.GetValue<int>());
        Assert.Equal("start", saved.Root["start"]!.GetValue<string>());
        Assert.Equal(2, saved.Root["metadata"]!["zoom"]!.GetValue<int>());
    }

    [Theory]
    [InlineData("welcome")]
    [InlineData("re-nurture")]
    public async Task A_file_that_was_exported_and_imported_is_the_same_file(string shipped)
    {
        await using var given = await Scenario.OnAsync(DatabaseProvider.Sqlite);
        await using var db = given.Open();
        var text = await File.ReadAllTextAsync(Path.Combine(Shipped.Workflows, shipped + ".json"));
        var flow = await given.Workers.Flows.ImportAsync(db, text, "ada", given.Clock.Now, default);
        var exported = FlowDefinitions.Export(flow);
        Assert.EndsWith("-v1.json", exported.Name, StringComparison.Ordinal);
        Assert.Equal(Bare(text), Bare(exported.Json));
        await given.Workers.Flows.DeleteAsync(db, shipped, PeopleInside.Refuse, "ada", given.Clock.Now, default);
        var back = await given.Workers.Flows.ImportAsync(db, exported.Json, "ada", given.Clock.Now, default);
        Assert.Equal(Bare(text), Bare(back.Json));
        // The number of a deleted version is not given again.
        Assert.Equal(2, back.Version);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Publishing_moves_the_trigger_and_retracting_takes_it_away(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        await new Drawing("thanks").Event("order.placed").Mail("mail").Path("start", "mail").PublishedAsync(given);
        await new Drawing("thanks").Event("review.posted").Mail("mail").Path("start", "mail").PublishedAsync(given);
        await given.HappensAsync(ada, "order.placed");
        await given.WorkAsync();
        Assert.Empty(given.MailSentTo(ada));
        await given.HappensAsync(ada, "review.posted");
        await given.WorkAsync();
        Assert.Single(given.MailSentTo(ada));
        await using var db = given.Open();
        await given.Workers.Flows.RetractAsync(db, "thanks", "ada", given.Clock.Now, default);
        await given.HappensAsync(ada, "review.posted");
        await given.WorkAsync();
        Assert.Single(given.MailSentTo(ada));
        await Assert.ThrowsAsync<RuleBrokenException>(() => given.Workers.Flows.RetractAsync(db, "thanks", "ada", given.Clock.Now, default));
        Assert.Equal(
            [FlowAction.Published, FlowAction.Published, FlowAction.Retracted],
            await db.FlowActions.Where(action => action.DefinitionId == "thanks").OrderBy(action => action.Id).Select(action => action.What).ToListAsync());
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_flow_with_an_error_is_not_published_and_the_finding_names_the_step(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await new Drawing("thanks").Event("order.placed").Mail("mail").Path("start", "mail").PublishedAsync(given);
        await using var db = given.Open();
        var broken = new Drawing("thanks").Event("order.placed").Mail("mail", "no/such").Path("start", "mail").ToJson();
        await given.Workers.Flows.SaveDraftAsync(db, new FlowDraft(broken), "ada", given.Clock.Now, default);
        var publication = await given.Workers.Flows.PublishAsync(db, "thanks", "ada", given.Clock.Now, default);
        Assert.False(publication.Published);
        Assert.Contains(publication.Findings, finding => finding is { ActivityId: "mail", Code: "unknown-template", Severity: Severity.Error });
        Assert.Equal(1, (await FlowDefinitions.FindAsync(db, "thanks", VersionOptions.Published, default))!.Version);
        Assert.Equal("thanks:1", (await db.FlowTriggers.SingleAsync()).DefinitionVersionId);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Going_back_to_a_version_makes_a_new_draft_of_its_content(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await new Drawing("thanks").Event("order.placed").Mail("mail").Path("start", "mail").PublishedAsync(given);
        await new Drawing("thanks").Event("review.posted").Mail("mail").Path("start", "mail").PublishedAsync(given);
        await using var db = given.Open();
        var draft = await given.Workers.Flows.RevertAsync(db, "thanks", 1, "ada", given.Clock.Now, default);
        Assert.Equal((3, true, false), (draft.Version, draft.IsLatest, draft.IsPublished));
        Assert.Contains("order.placed", draft.Json, StringComparison.Ordinal);
        Assert.True((await given.Workers.Flows.PublishAsync(db, "thanks", "ada", given.Clock.Now, default)).Published);
        Assert.Equal("order.placed", (await db.FlowTriggers.SingleAsync()).Key);
        await Assert.ThrowsAsync<RuleBrokenException>(() => given.Workers.Flows.RevertAsync(db, "thanks", 9, "ada", given.Clock.Now, default));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Nothing_is_deleted_while_people_are_inside_unless_their_runs_are_to_end(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        await new Drawing("thanks").Event("order.placed").Step("wait", "Elsa.Delay", ("timeSpan", "3.00:00:00")).Mail("mail").Path("start", "wait", "mail").PublishedAsync(given);
        await given.HappensAsync(ada, "order.placed");
        await given.WorkAsync();
        await using var db = given.Open();
        var flows = given.Workers.Flows;
        await Assert.ThrowsAsync<RuleBrokenException>(() => flows.DeleteAsync(db, "thanks", PeopleInside.Refuse, "ada", given.Clock.Now, default));
        await Assert.ThrowsAsync<RuleBrokenException>(() => flows.DeleteVersionAsync(db, "thanks:1", PeopleInside.Refuse, "ada", given.Clock.Now, default));
        Assert.NotNull(await FlowDefinitions.FindAsync(db, "thanks", VersionOptions.Published, default));
        Assert.True(await flows.DeleteAsync(db, "thanks", PeopleInside.Stop, "ada", given.Clock.Now, default));
        await given.ForAsync(TimeSpan.FromDays(5));
        Assert.Empty(given.MailSentTo(ada));
        Assert.Equal((0, 0, 0), (await db.FlowDefinitions.CountAsync(), await db.FlowTriggers.CountAsync(), await db.FlowBookmarks.CountAsync()));
        var run = await db.FlowInstances.AsNoTracking().SingleAsync();
        Assert.Equal((FlowInstanceStatus.Cancelled, ExitReasons.Stopped), (run.Status, run.EndReason));
        Assert.False(await flows.DeleteAsync(db, "thanks", PeopleInside.Stop, "ada", given.Clock.Now, default));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Deleting_the_latest_version_makes_the_one_before_it_the_latest(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await using var db = given.Open();
        var flows = given.Workers.Flows;
        await new Drawing("thanks").Event("order.placed").Mail("mail").Path("start", "mail").PublishedAsync(given);
        await flows.SaveDraftAsync(db, new FlowDraft(Thanks("b")), "ada", given.Clock.Now, default);
        Assert.True(await flows.DeleteVersionAsync(db, "thanks:2", PeopleInside.Refuse, "ada", given.Clock.Now, default));
        var left = await db.FlowDefinitions.AsNoTracking().SingleAsync();
        Assert.Equal((1, true, true), (left.Version, left.IsLatest, left.IsPublished));
        Assert.Equal(3, (await flows.SaveDraftAsync(db, new FlowDraft(Thanks("c")), "ada", given.Clock.Now, default)).Version);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Lists_are_searched_sorted_and_paged(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await using var db = given.Open();
        var flows = given.Workers.Flows;
        foreach (var (id, name) in new[] { ("one", "ようこそ A"), ("two", "Season B"), ("three", "お礼 C") })
        {
            var json = JsonNode.Parse(Thanks(name))!;
            json["definitionId"] = id;
            await flows.SaveDraftAsync(db, new FlowDraft(json.ToJsonString()), "ada", given.Clock.Now, default);
            given.Clock.Now = given.Clock.Now.AddMinutes(1);
        }
        await flows.PublishAsync(db, "two", "ada", given.Clock.Now, default);
        await flows.SaveDraftAsync(db, new FlowDraft(JsonNode.Parse(Thanks("Season D"))!.AsObject().With("definitionId", "two")), "ada", given.Clock.Now, default);
        async Task<IEnumerable<string>> NamesAsync(FlowQuery query) => (await flows.ListAsync(db, query, default)).Items.Select(item => item.Name);
        Assert.Equal(["ようこそ A", "お礼 C", "Season D"], await NamesAsync(new FlowQuery(VersionOptions.Latest)));
        Assert.Equal(["Season B"], await NamesAsync(new FlowQuery(VersionOptions.Published)));
        Assert.Equal(["Season D", "Season B"], await NamesAsync(new FlowQuery(VersionOptions.All, DefinitionIds: ["two"], OrderBy: FlowOrder.Version, Descending: true)));
        Assert.Equal(["Season D"], await NamesAsync(new FlowQuery(VersionOptions.Latest, Search: "SEASON")));
        Assert.Equal(["お礼 C"], await NamesAsync(new FlowQuery(VersionOptions.Latest, Search: "お礼")));
        Assert.Empty(await NamesAsync(new FlowQuery(VersionOptions.Latest, Search: "%")));
        var page = await flows.ListAsync(db, new FlowQuery(VersionOptions.Latest, Page: 1, PageSize: 2), default);
        Assert.Equal((3, 1), (page.Total, page.Items.Count));
        Assert.Equal(["Season B"], await NamesAsync(new FlowQuery(VersionOptions.All, Ids: ["two:1"])));
        Assert.False(await FlowDefinitions.IsNameUniqueAsync(db, "Season D", null, default));
        Assert.True(await FlowDefinitions.IsNameUniqueAsync(db, "Season D", "two", default));
        Assert.True(await FlowDefinitions.IsNameUniqueAsync(db, "Season B", null, default));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Of_many_each_is_done_by_itself(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await using var db = given.Open();
        var flows = given.Workers.Flows;
        await flows.SaveDraftAsync(db, new FlowDraft(new Drawing("good").Event("order.placed").Mail("mail").Path("start", "mail").ToJson()), "ada", given.Clock.Now, default);
        await flows.SaveDraftAsync(db, new FlowDraft(new Drawing("bad").Event("order.placed").Mail("mail", "no/such").Path("start", "mail").ToJson()), "ada", given.Clock.Now, default);
        var published = await flows.PublishManyAsync(db, ["bad", "good", "none"], "ada", given.Clock.Now, default);
        Assert.Equal(["good"], published.Done);
        Assert.Equal(["none"], published.NotFound);
        Assert.Equal(["bad"], published.Refused.Keys);
        Assert.Equal(["good"], (await flows.PublishManyAsync(db, ["good"], "ada", given.Clock.Now, default)).Already);
        var retracted = await flows.RetractManyAsync(db, ["good", "bad"], "ada", given.Clock.Now, default);
        Assert.Equal(["good"], retracted.Done);
        Assert.Equal(["bad"], retracted.Already);
        Assert.Equal(["bad", "good"], (await flows.DeleteManyAsync(db, ["bad", "good", "none"], PeopleInside.Refuse, "ada", given.Clock.Now, default)).Done);
        Assert.Equal(0, await db.FlowDefinitions.CountAsync());
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_copy_is_a_flow_of_its_own(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await new Drawing("thanks").Event("order.placed").Mail("mail").Path("start", "mail").PublishedAsync(given);
        await using var db = given.Open();
        var copy = await given.Workers.Flows.DuplicateAsync(db, "thanks", "Thanks too", "ada", given.Clock.Now, default);
        Assert.NotEqual("thanks", copy.DefinitionId);
        Assert.Equal((1, false, "Thanks too"), (copy.Version, copy.IsPublished, copy.Name));
        Assert.Equal(copy.DefinitionId, copy.Definition().DefinitionId);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_shipped_file_leaves_alone_what_a_person_made_of_it(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await using var db = given.Open();
        using var files = new FlowFiles();
        files.AddShipped("welcome", text => text);
        Task TakeAsync() => given.Workers.Flows.PublishFolderAsync(db, files.Folder, given.Clock.Now, default);
        await TakeAsync();
        // The file is newer than what the shop has, and nobody has touched it: it is taken.
        files.AddShipped("welcome", text => text + "\n");
        await TakeAsync();
        Assert.Equal(2, (await FlowDefinitions.FindAsync(db, "welcome", VersionOptions.Published, default))!.Version);
        // A person's version stands, whatever becomes of the file.
        var mine = (await FlowDefinitions.FindAsync(db, "welcome", VersionOptions.Latest, default))!;
        await given.Workers.Flows.SaveDraftAsync(db, new FlowDraft(mine.Json, mine.Id, mine.Revision), "ada", given.Clock.Now, default);
        files.AddShipped("welcome", text => text + "\n\n");
        await TakeAsync();
        Assert.Equal((2, 3), (await VersionAsync(db, VersionOptions.Published), await VersionAsync(db, VersionOptions.Latest)));
        await given.Workers.Flows.PublishAsync(db, "welcome", "ada", given.Clock.Now, default);
        await TakeAsync();
        Assert.Equal((3, 3), (await VersionAsync(db, VersionOptions.Published), await VersionAsync(db, VersionOptions.Latest)));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_shipped_flow_that_a_person_retracted_stays_retracted(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await using var db = given.Open();
        using var files = new FlowFiles();
        files.AddShipped("welcome", text => text);
        await given.Workers.Flows.PublishFolderAsync(db, files.Folder, given.Clock.Now, default);
        await given.Workers.Flows.RetractAsync(db, "welcome", "ada", given.Clock.Now, default);
        files.AddShipped("welcome", text => text + "\n");
        await given.Workers.Flows.PublishFolderAsync(db, files.Folder, given.Clock.Now, default);
        Assert.Null(await FlowDefinitions.FindAsync(db, "welcome", VersionOptions.Published, default));
    }

    [Theory]
    [InlineData("{", "definition(1,2)")]
    [InlineData("[]", "definition(1,1)")]
    [InlineData("""{"definitionId": "a/b", "root": {"type": "Elsa.Flowchart"}}""", "definition")]
    [InlineData("""{"definitionId": " a", "root": {"type": "Elsa.Flowchart"}}""", "definition")]
    [InlineData("""{"definitionId": "a", "root": {}}""", "definition(1,")]
    public async Task What_is_no_definition_is_refused_with_its_place(string json, string place)
    {
        await using var given = await Scenario.OnAsync(DatabaseProvider.Sqlite);
        await using var db = given.Open();
        var bad = await Assert.ThrowsAsync<BadInputException>(() => given.Workers.Flows.SaveDraftAsync(db, new FlowDraft(json), "ada", given.Clock.Now, default));
        Assert.StartsWith(place, bad.Place, StringComparison.Ordinal);
        Assert.Equal(0, await db.FlowDefinitions.CountAsync());
    }

    [Fact]
    public async Task A_setting_at_fault_is_named_and_not_saved()
    {
        await using var given = await Scenario.OnAsync(DatabaseProvider.Sqlite);
        await using var db = given.Open();
        await given.Workers.Flows.SaveDraftAsync(db, new FlowDraft(Thanks("a")), "ada", given.Clock.Now, default);
        var wrong = new JsonObject { ["reentry"] = new JsonObject { ["mode"] = "twice" } };
        var bad = await Assert.ThrowsAsync<BadInputException>(() => given.Workers.Flows.SaveSettingsAsync(db, "thanks", wrong, null, "ada", given.Clock.Now, default));
        Assert.Contains("reentry.mode", bad.Place, StringComparison.Ordinal);
        Assert.DoesNotContain("twice", (await db.FlowDefinitions.AsNoTracking().SingleAsync()).Json, StringComparison.Ordinal);
    }

    private static async Task<int> VersionAsync(AutomationDb db, VersionOptions versions) => (await FlowDefinitions.FindAsync(db, "welcome", versions, default))!.Version;

    private static string Thanks(string name)
    {
        var json = JsonNode.Parse(new Drawing("thanks").Event("order.placed").Mail("mail").Path("start", "mail").ToJson())!;
        json["name"] = name;
        return json.ToJsonString();
    }

    // Ids and flags are the store's to give.
    private static string Bare(string text)
    {
        var json = JsonNode.Parse(text)!.AsObject();
        foreach (var name in new[] { "id", "version", "isLatest", "isPublished" }) json.Remove(name);
        return json.ToJsonString();
    }
}

internal static class JsonWith
{
    public static string With(this JsonObject json, string name, JsonNode value)
    {
        json[name] = value;
        return json.ToJsonString();
    }
}
