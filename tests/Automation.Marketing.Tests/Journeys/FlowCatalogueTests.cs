using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Databases;
using Automation.Marketing.Tests.Scenarios;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Tests.Journeys;

public sealed class FlowCatalogueTests
{
    public static TheoryData<DatabaseProvider> Both => TestDatabases.Both;

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_flow_is_published_anew_only_when_its_text_differs(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await given.PublishShippedFlowsAsync();
        await given.PublishShippedFlowsAsync();
        await using var db = given.Open();
        Assert.Equal((5, 5), (await db.FlowDefinitions.CountAsync(), await db.FlowTriggers.Select(trigger => trigger.DefinitionId).Distinct().CountAsync()));
        using var files = new FlowFiles();
        files.AddShipped("welcome", text => text + "\n");
        await given.Workers.Flows.PublishFolderAsync(db, files.Folder, given.Clock.Now, default);
        var versions = await db.FlowDefinitions.AsNoTracking().Where(flow => flow.DefinitionId == "welcome").OrderBy(flow => flow.Version).ToListAsync();
        Assert.Equal([(1, false, false), (2, true, true)], versions.Select(flow => (flow.Version, flow.IsPublished, flow.IsLatest)));
        Assert.Equal("welcome:2", (await db.FlowTriggers.AsNoTracking().SingleAsync(trigger => trigger.DefinitionId == "welcome")).DefinitionVersionId);
    }

    [Theory]
    [InlineData("{\n  \"id\": 1,\n", "broken.json(")]
    [InlineData("[]", "broken.json(")]
    [InlineData("\"Automation.AddTag\"|\"Automation.RemoveTags\"", "broken.json: activity 'tag-interested'")]
    [InlineData("\"welcome/day-3\"|\"welcome/day-4\"", "broken.json: activity 'introduction'")]
    [InlineData("\"once\"|\"twice\"", "broken-flow: customProperties.automation.reentry.mode")]
    public async Task A_broken_flow_is_named_and_nothing_of_its_folder_is_published(string fault, string place)
    {
        await using var given = await Scenario.OnAsync(DatabaseProvider.Sqlite);
        using var files = new FlowFiles();
        files.AddShipped("order-received", text => text);
        var parts = fault.Split('|');
        files.Add("broken.json", parts.Length == 1 ? fault : Welcome().Replace(parts[0], parts[1], StringComparison.Ordinal));
        await using var db = given.Open();
        var refused = await Assert.ThrowsAsync<BadInputException>(() => given.Workers.Flows.PublishFolderAsync(db, files.Folder, given.Clock.Now, default));
        Assert.StartsWith(place, refused.Place, StringComparison.Ordinal);
        Assert.Equal(0, await db.FlowDefinitions.CountAsync());
    }

    private static string Welcome() =>
        File.ReadAllText(Path.Combine(Content.Shipped.Workflows, "welcome.json")).Replace("\"definitionId\": \"welcome\"", "\"definitionId\": \"broken-flow\"", StringComparison.Ordinal);
}
