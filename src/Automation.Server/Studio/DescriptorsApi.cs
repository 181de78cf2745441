using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Automation.Workflows.Definitions;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace Automation.Server.Studio;

/// <summary>What the designer asks at its start: which activities, languages and types there are.</summary>
internal static class DescriptorsApi
{
    /// <summary>Elsa's name for a value that is stored with the run.</summary>
    public const string StoredWithRun = "WorkflowInstanceStorageDriver";

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/descriptors/activities", GetActivitiesAsync);
        api.MapGet("/descriptors/activities/{type}", GetActivityAsync);
        api.MapPost("/descriptors/activities/{type}/options/{input}", PostOptionsAsync);
        api.MapGet("/descriptors/expression-descriptors", GetExpressions);
        api.MapGet("/descriptors/variables", GetVariableTypes);
        api.MapGet("/descriptors/storage-drivers", GetStorageDrivers);
        api.MapGet("/descriptors/incident-strategies", GetIncidentStrategies);
        // The order of entry and what is logged are settings of the flow's own page, not of the drawing.
        foreach (var none in (string[])["workflow-activation-strategies", "log-persistence-strategies", "commit-strategies/workflows", "commit-strategies/activities", "output-converters"])
            api.MapGet("/descriptors/" + none, () => TypedResults.Ok(new Items<StrategyView>([])));
        api.MapPost("/scripting/javascript/type-definitions/{definitionId}", PostTypeDefinitions);
        api.MapGet("/features/installed", () => TypedResults.Ok(new Items<FeatureView>([])));
        api.MapGet("/features/installed/{name}", (string name) => TypedResults.Problem($"The feature '{name}' is not installed.", statusCode: StatusCodes.Status404NotFound));
        api.MapGet("/package/version", () => TypedResults.Ok(new PackageVersionView("3.8.2")));
    }

    /// <summary>The largest answer, asked for again after every save: what the browser has already is not sent again.</summary>
    internal static async Task<FileContentHttpResult> GetActivitiesAsync(ActivityCatalogue activities, IOptions<JsonOptions> json, HttpResponse response, CancellationToken cancellation)
    {
        var all = JsonSerializer.SerializeToUtf8Bytes(new Items<ActivityDescriptorView>(await activities.AllAsync(cancellation)), json.Value.SerializerOptions);
        response.Headers.CacheControl = "private, no-cache";
        return TypedResults.Bytes(all, "application/json; charset=utf-8", entityTag: new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(all).AsSpan(0, 10))}\""));
    }

    internal static async Task<Results<Ok<ActivityDescriptorView>, ProblemHttpResult>> GetActivityAsync(string type, ActivityCatalogue activities, CancellationToken cancellation) =>
        (await activities.AllAsync(cancellation)).FirstOrDefault(activity => activity.TypeName == type) is { } found
            ? TypedResults.Ok(found)
            : StudioProblems.NotFound($"There is no activity '{type}'.");

    internal static async Task<Results<Ok<OptionsView>, ProblemHttpResult>> PostOptionsAsync(
        string type, string input, JsonObject? body, ActivityCatalogue activities, Pickers pickers, CancellationToken cancellation)
    {
        if (activities.Find(type)?.Inputs.FirstOrDefault(one => one.Name == input) is not { } known) return StudioProblems.NotFound($"There is no input '{input}' of an activity '{type}'.");
        if (!Pickers.Feeds(input)) return TypedResults.Ok(new OptionsView([]));
        var current = body?["context"] is JsonObject context ? LiteralOf(context[char.ToLowerInvariant(input[0]) + input[1..]]) : null;
        // Without "Refresh": an answer that repeats it is asked for again without end.
        return TypedResults.Ok(new OptionsView(Pickers.Specification(ActivityCatalogue.HintFor(known), await pickers.ForAsync(type, input, current, cancellation))));
    }

    internal static Ok<Items<ExpressionDescriptorView>> GetExpressions(IStringLocalizer words) => TypedResults.Ok(new Items<ExpressionDescriptorView>(
    [
        // C# colours what Scriban's expressions are made of: texts, numbers, &&, ||, null.
        new("Scriban", "Scriban", IsSerializable: true, IsBrowsable: true, new JsonObject { ["MonacoLanguage"] = "csharp" }),
        new("Variable", words["Variable"], IsSerializable: true, IsBrowsable: true, []),
        new("Input", words["Input of the flow"], IsSerializable: true, IsBrowsable: true, []),
        new("JavaScript", "JavaScript", IsSerializable: true, IsBrowsable: true, new JsonObject { ["MonacoLanguage"] = "javascript" }),
        new("Literal", words["Value"], IsSerializable: true, IsBrowsable: false, []),
        new("Object", words["Value as JSON"], IsSerializable: true, IsBrowsable: false, new JsonObject { ["MonacoLanguage"] = "json" }),
        new("Json", "JSON", IsSerializable: true, IsBrowsable: false, new JsonObject { ["MonacoLanguage"] = "json" }),
    ]));

    internal static Ok<Items<VariableTypeView>> GetVariableTypes(IStringLocalizer words)
    {
        string values = words["Values"];
        return TypedResults.Ok(new Items<VariableTypeView>(
        [
            new("String", words["Text"], values, ""),
            new("Boolean", words["Yes or no"], values, ""),
            new("Int32", words["Whole number"], values, ""),
            new("Int64", words["Large whole number"], values, ""),
            new("Decimal", words["Amount"], values, ""),
            new("Double", words["Number"], values, ""),
            new("DateTimeOffset", words["Instant"], values, ""),
            new("DateOnly", words["Day"], values, ""),
            new("TimeSpan", words["Duration"], values, ""),
            new("Object", words["Anything"], values, ""),
        ]));
    }

    internal static Ok<Items<StorageDriverView>> GetStorageDrivers(IStringLocalizer words) =>
        TypedResults.Ok(new Items<StorageDriverView>([new(StoredWithRun, words["Kept with the run"], 5, Deprecated: false)]));

    internal static Ok<Items<StrategyView>> GetIncidentStrategies(IStringLocalizer words) => TypedResults.Ok(new Items<StrategyView>(
    [
        new("FaultStrategy", words["Stop the run"], words["An error in a step stops the whole run."]),
        new("ContinueWithIncidentsStrategy", words["Go on"], words["An error in a step stops that way only; the others go on."]),
    ]));

    internal static ContentHttpResult PostTypeDefinitions(string definitionId) =>
        TypedResults.Text("""
            declare function getVariable(name: string): any;
            declare function setVariable(name: string, value: any): void;
            declare function getInput(name: string): any;
            declare function getOutputFrom(activityName: string, outputName?: string): any;
            declare function getLastResult(): any;
            declare function getCorrelationId(): string;
            declare function getWorkflowInstanceId(): string;
            declare function newGuidString(): string;
            """, "application/x-typescript", System.Text.Encoding.UTF8);

    private static string? LiteralOf(JsonNode? input) =>
        input is JsonObject wrapped && Expression.Read(wrapped["expression"]) is { Type: "Literal" } literal ? literal.Text : null;
}

internal sealed record PackageVersionView(string PackageVersion);
