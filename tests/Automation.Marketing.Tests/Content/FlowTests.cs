using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Xml;
using Automation.Marketing.Journeys;
using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Content;
using Automation.Workflows.Definitions;
using Automation.Workflows.Runtime;

namespace Automation.Marketing.Tests.Content;

/// <summary>What every shipped flow keeps to.</summary>
public sealed partial class FlowTests
{
    private static readonly TemplateCatalogue Templates = TemplateCatalogue.Load(Shipped.Templates);
    private static readonly TemplateRenderer Renderer = new(TimeProvider.System);
    private static readonly ActivityRegistry Registry = ActivityRegistry.WithGeneralActivities().AddFrom(typeof(FlowCatalogue).Assembly);

    private static readonly IReadOnlyList<string> Ids =
        [.. Directory.EnumerateFiles(Shipped.Workflows, "*.json").Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal)];

    public static TheoryData<string> Flows => [.. Ids];

    [Fact]
    public void The_shop_finds_the_flows_it_was_promised()
    {
        Assert.Equal(["order-received", "re-nurture", "revisit", "thanks-after-purchase", "welcome"], Ids);
    }

    [Theory]
    [MemberData(nameof(Flows))]
    public void A_flow_can_be_published(string id)
    {
        var definition = FlowDefinitions.Read(Text(id), id);
        Assert.Equal(id, definition.DefinitionId);
        Assert.Single(WorkflowGraph.Build(definition, Registry).Triggers);
    }

    [Theory]
    [MemberData(nameof(Flows))]
    public void Every_line_is_drawn_from_an_outcome_to_a_step(string id)
    {
        var steps = Steps(id);
        foreach (var connection in Connections(id))
        {
            var source = steps[connection.Source];
            Assert.Contains(connection.Target, steps.Keys);
            Assert.Contains(connection.Port, OutcomesOf(source));
        }
    }

    [Theory]
    [MemberData(nameof(Flows))]
    public void Every_step_can_be_reached(string id)
    {
        var reached = new HashSet<string>(StringComparer.Ordinal) { Text(Root(id)["start"])! };
        while (Connections(id).FirstOrDefault(each => reached.Contains(each.Source) && !reached.Contains(each.Target)) is { } next) reached.Add(next.Target);
        Assert.Equal(Steps(id).Keys.Order(StringComparer.Ordinal), reached.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Flows))]
    public void Waits_and_deadlines_can_be_read(string id)
    {
        foreach (var step in Steps(id).Values)
        {
            if (Input(step, "timeSpan") is { } wait) Assert.True(TimeSpan.Parse(wait, null) >= TimeSpan.FromHours(1), wait);
            if (Input(step, "timeout") is { } timeout) Assert.True(XmlConvert.ToTimeSpan(timeout) > TimeSpan.Zero, timeout);
            if (Input(step, "validFor") is { } validFor) Assert.True(XmlConvert.ToTimeSpan(validFor) > TimeSpan.Zero, validFor);
            if (Input(step, "until") is { } until) Assert.Matches(Moment(), until);
        }
    }

    [Theory]
    [MemberData(nameof(Flows))]
    public void Conditions_are_sound(string id)
    {
        var settings = FlowSettings.Of(Definition(id));
        string?[] conditions =
        [
            settings.Goal?.Where, settings.Key, .. settings.Exits.Select(exit => exit.Where), .. Steps(id).Values.Select(step => Input(step, "where")),
            .. Steps(id).Values.SelectMany(Cases).Select(each => Text(each["condition"]!["value"])),
        ];
        Assert.All(conditions.OfType<string>(), condition => Assert.Null(Renderer.Check(condition)));
    }

    [Theory]
    [MemberData(nameof(Flows))]
    public void A_flow_that_sells_knows_its_goal(string id)
    {
        var sells = Mails(id).Any(mail => mail.Approach is Approach.A1 or Approach.A2);
        if (sells) Assert.NotNull(FlowSettings.Of(Definition(id)).Goal);
    }

    [Theory]
    [MemberData(nameof(Flows))]
    public void Steps_do_not_lie_on_each_other_in_the_designer(string id)
    {
        var places = Steps(id).Values.Select(step => step["metadata"]!["designer"]!["position"]!).Select(at => (X: at["x"]!.GetValue<int>(), Y: at["y"]!.GetValue<int>())).ToList();
        Assert.All(places, place => Assert.Equal(1, places.Count(other => Math.Abs(other.X - place.X) < 200 && Math.Abs(other.Y - place.Y) < 54)));
    }

    [Fact]
    public void The_welcome_series_thanks_before_it_sells_and_fits_the_caps()
    {
        Assert.Equal([Approach.A3, Approach.A2, Approach.A2, Approach.A2], Mails("welcome").Select(mail => mail.Approach));
        // Of the last two, each person gets one: they hang on the two outcomes of the wait for a click.
        Assert.Contains(Connections("welcome"), each => each is { Source: "clicked", Port: "Received", Target: "wait-1-day" });
        Assert.Contains(Connections("welcome"), each => each is { Source: "clicked", Port: "TimedOut", Target: "questions" });
    }

    [Fact]
    public void A_hand_back_first_waits_for_the_next_working_morning()
    {
        foreach (var id in new[] { "re-nurture", "revisit" })
        {
            var first = Connections(id).Single(each => each.Source == "handed-back").Target;
            Assert.Equal("next-business-day 10:00", Input(Steps(id)[first], "until"));
        }
    }

    [Fact]
    public void Every_reason_that_nurtures_has_its_mail()
    {
        var reasons = Input(Steps("re-nurture")["handed-back"], "reasons")!.Split(',');
        Assert.Equal(["too-early", "budget", "competitor", "no-contact"], reasons);
        var cases = Cases(Steps("re-nurture")["reason"]).ToDictionary(each => Text(each["label"])!, each => Text(each["condition"]!["value"])!, StringComparer.Ordinal);
        foreach (var (label, condition) in cases)
        {
            var target = Connections("re-nurture").Single(each => each.Source == "reason" && each.Port == label).Target;
            Assert.Equal($"event.data.reason == \"{target}\"", condition);
            Assert.Equal($"nurture/{target}", Input(Steps("re-nurture")[target], "template"));
        }
    }

    [Fact]
    public void Every_template_is_used_by_a_flow_or_a_calendar_except_the_newsletter_and_the_confirmation()
    {
        var used = Ids.SelectMany(Mails).Select(mail => mail.Id).Concat(CalendarTests.All.SelectMany(calendar => calendar.Occurrences).Select(row => row.Template));
        Assert.Equal(Templates.All.Select(template => template.Id).Where(template => template is not ("newsletter/monthly" or "consent/confirm")), used.Distinct().Order(StringComparer.Ordinal));
    }

    private static string Text(string id) => File.ReadAllText(Path.Combine(Shipped.Workflows, id + ".json"));

    private static WorkflowDefinition Definition(string id) => WorkflowJson.Read(Text(id), id);

    private static JsonObject Root(string id) => JsonNode.Parse(Text(id))!["root"]!.AsObject();

    private static Dictionary<string, JsonObject> Steps(string id) =>
        Root(id)["activities"]!.AsArray().Select(step => step!.AsObject()).ToDictionary(step => Text(step["id"])!, StringComparer.Ordinal);

    private static IEnumerable<MailTemplate> Mails(string id) => Steps(id).Values.Select(step => Input(step, "template")).OfType<string>().Select(template => Templates.Find(template)!);

    private static IEnumerable<Line> Connections(string id) =>
        Root(id)["connections"]!.AsArray().Select(each => new Line(Text(each!["source"]!["activity"])!, Text(each["source"]!["port"])!, Text(each["target"]!["activity"])!));

    private static IEnumerable<string> OutcomesOf(JsonObject step)
    {
        if (Text(step["type"]) == "Elsa.FlowSwitch") return [.. Cases(step).Select(each => Text(each["label"])!), "Default"];
        var ports = Registry.Describe(Text(step["type"])!)!.Ports.Where(port => port.Type is PortType.Flow).Select(port => port.Name).ToList();
        return ports.Count > 0 ? ports : ["Done"];
    }

    private static IEnumerable<JsonNode> Cases(JsonObject step) => step["cases"]?.AsArray().OfType<JsonNode>() ?? [];

    private static string? Input(JsonObject step, string name) => Text(step[name]?["expression"]?["value"]);

    private static string? Text(JsonNode? node) => node?.GetValue<string>();

    private sealed record Line(string Source, string Port, string Target);

    [GeneratedRegex(@"^(next-business-day \d\d:\d\d|next (mon|tues|wednes|thurs|fri|satur|sun)day \d\d:\d\d|field [a-z_.]+ [+-]\d+d \d\d:\d\d|\+P[0-9A-Z]+)$")]
    private static partial Regex Moment();
}
