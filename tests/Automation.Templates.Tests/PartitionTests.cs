using FsCheck;
using FsCheck.Fluent;

namespace Automation.Templates.Tests;

/// <summary>A template in parts: what all recipients share is rendered once.</summary>
public sealed class PartitionTests
{
    private static readonly HashSet<string> s_shared = ["shop", "season"];

    private static readonly string[] s_statements =
    [
        "text ", "\n", "  ", "<b>", "{{ shop.name }}", "{{ contact.name }}", "  {{ shop.lines }}", "\n    {{ contact.lines }}", "{{ shop.lines; contact.lines }}", "{{ shop.name }}{{ contact.name }}",
        "{{ for x in shop.list }}{{ x }}{{ for.index }},{{ end }}", "{{ for x in contact.list }}\n  {{ x }} {{ shop.name }}{{ end }}", "{{ if season.open }}open{{ else }}closed{{ end }}",
        "{{ if contact.vip }}{{ shop.name }}{{ end }}", "{{~ contact.name ~}}", "{{- shop.name -}}", "{{ season.key | string.upcase }}", "{{ contact.name | string.upcase | string.append shop.name }}", "{{ contact.vip ? shop.name : 'no' }}", "{{ contact.name + shop.name }}",
        "{{ case contact.vip }}{{ when true }}V{{ else }}N{{ end }}",
        "{{ for x in shop.list }}<li>{{ x }} for {{ contact.name }}\n</li>{{ end }}", "  {{ for x in shop.list }}\n    {{ contact.lines }}\n{{ for.index }}{{ for.last }}{{ end }}",
        "{{~ if season.open ~}}\n{{~ for x in shop.list ~}}\n<a>{{ x }}?{{ contact.name }}&{{ shop.name | string.upcase }}</a>\n{{~ if contact.vip ~}}\n<b>{{ x + for.length }}</b>\n{{~ else ~}}\n-\n{{~ end ~}}\n</li>\n{{~ end ~}}\n{{~ else ~}}\nnone\n{{~ end ~}}\n",
        "{{ for x in shop.list }}{{ if x == 2 }}{{ break }}{{ end }} {{ contact.name }} {{ for y in shop.list limit:1 reversed }}<{{ x * y }}{{ contact.name }}>{{ end }}.{{ else }}e{{ end }}",
        "{{ for x in shop.list }}a{{ if contact.vip; break; end }}b{{ end }}", "{{ for x in contact.list }}{{ end }}", "{{ for x in shop.list }}{{ contact.name }}{{ else }}{{ contact.name }} none {{ end }}",
        "{{ for contact in shop.list }}-{{ contact }}-{{ end }}", "{{ if shop.missing }}{{ else if contact.vip }}v{{ else }}w {{ contact.name }} {{ end }}", "{{ if shop.missing }}m{{ else if season.open }}o {{ contact.lines }} p{{ end }}",
        "{{ tablerow x in shop.list cols:1 }}a{{ contact.name }}b{{ end }}", "{{ for $x in shop.list }} {{ $x }}{{ contact.name }} {{ end }}",
        "{{ include 'footer' }}", "{{ include 'hello' }}", "{{ include 'box' label:shop.name }}", "{{ include 'box' label:contact.name }}", "{{ 1 + 2 }}",
    ];

    private static readonly string[] s_effects = ["{{ x = contact.name }}", "{{ x }}", "{{ capture c }}{{ shop.name }}{{ end }}{{ c }}", "{{ func f }}F{{ end }}", "{{ f }}", "{{ ret }}", "{{ $y = 1; $y }}", "{{ include shop.name }}"];

    private static readonly Partials s_partials = new() { ["footer"] = "\n--\n{{ shop.name }}\n", ["hello"] = "Hi {{ contact.name }}", ["Sakura"] = "S", ["box"] = "[{{ $.label }} {{ shop.name }}]" };

    [Fact]
    public void The_parts_rendered_alone_and_put_together_equal_the_whole()
    {
        var pure = Gen.Elements(s_statements).ArrayOf();
        var any = Gen.Elements([.. s_statements, .. s_effects]).ArrayOf();
        var template = Gen.OneOf(pure, any).Select(parts => string.Concat(parts));
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(2000).WithEndSize(25), Prop.ForAll(template.ToArbitrary(), PartsEqualWhole));
    }

    [Fact]
    public void Runs_that_read_only_shared_names_are_shared()
    {
        var template = Template.Parse("Welcome to {{ shop.name }}!\nDear {{ contact.name }},\n{{ for x in shop.list }}{{ x }} {{ end }}{{ include 'footer' }}");
        var segments = template.Partition(s_shared, s_partials);
        Assert.Equal([true, false, true], segments.Select(segment => segment.IsShared));
        Assert.Equal("Welcome to Sakura!\nDear ", segments[0].Render(Context("Ada")));
        Assert.Equal("Ada", segments[1].Render(Context("Ada")));
    }

    [Fact]
    public void A_partial_with_named_arguments_is_shared_when_it_and_they_are()
    {
        Assert.True(Assert.Single(Template.Parse("{{ include 'box' label:shop.name }}").Partition(s_shared, s_partials)).IsShared);
        Assert.False(Assert.Single(Template.Parse("{{ include 'box' label:contact.name }}").Partition(s_shared, s_partials)).IsShared);
        Assert.False(Assert.Single(Template.Parse("{{ include 'box' + shop.name }}").Partition(s_shared, s_partials)).IsShared);
    }

    [Theory]
    [InlineData("{{ for x in shop.list }}<p>{{ x }}: {{ contact.name }} of {{ for.length }}</p>{{ end }}", "<p>1: |*| of 2</p><p>2: |*| of 2</p>")]
    [InlineData("{{~ if season.open ~}}\n{{~ for x in shop.list ~}}\n{{ x }}/{{ contact.name }}.\n{{~ end ~}}\n{{~ end ~}}\n", "1/|*|.\n2/|*|.\n")]
    [InlineData("{{ for x in shop.list }}{{ if contact.vip }}{{ x }}{{ end }},{{ end }}", "*|,|*|,")]
    [InlineData("{{ for x in contact.list }}{{ x }}{{ end }}", "*")]
    [InlineData("{{ for x in shop.list }}{{ if contact.vip; break; end }}{{ x }}.{{ end }}", "*")]
    public void A_loop_over_what_all_share_is_walked_once_with_a_gap_for_each_person_s_own(string text, string pieces)
    {
        var template = Template.Parse(text);
        var rendered = template.Partition(s_shared, s_partials).SelectMany(segment => segment.RenderShared(Context("somebody")));
        Assert.Equal(pieces, string.Join('|', rendered.Select(piece => piece.Text ?? "*")));
        Assert.True(PartsEqualWhole(text));
    }

    [Theory]
    [InlineData("{{ total = 0 }}{{ shop.name }}")]
    [InlineData("{{ shop.name }}{{ date.now }}")]
    [InlineData("{{ shop.name }}{{ math.random 1 9 }}")]
    [InlineData("{{ shop.name }}{{ include contact.name }}")]
    [InlineData("{{ shop.name }}{{ object['eval'] 'contact.name' }}")]
    [InlineData("{{ shop.name }}{{ this.contact.name }}")]
    [InlineData("{{ shop.name }}{{ ret }}")]
    [InlineData("{{ shop.name }}{{ include 'missing' }}")]
    public void A_template_that_cannot_be_divided_safely_is_one_personal_part(string text) =>
        Assert.False(Assert.Single(Template.Parse(text).Partition(s_shared, s_partials)).IsShared);

    private static bool PartsEqualWhole(string text)
    {
        var template = Template.Parse(text);
        if (template.HasErrors) return true;
        var segments = template.Partition(s_shared, s_partials);
        var pieces = segments.SelectMany(segment => segment.RenderShared(Context("somebody"))).ToList();
        foreach (var name in new[] { "Ada", "Grace\nHopper" })
        {
            var whole = template.Render(Context(name));
            if (whole != string.Concat(segments.Select(segment => segment.Render(Context(segment.IsShared ? "somebody" : name))))) return false;
            if (whole != string.Concat(pieces.Select(piece => piece.Text ?? piece.Own!.Render(Context(name))))) return false;
            var again = Context(name);
            if (whole != string.Concat(pieces.Select(piece => piece.Text ?? RenderAgain(piece.Own!, again)))) return false;
        }
        return true;
    }

    private static string RenderAgain(TemplateSegment own, TemplateContext context)
    {
        context.Restart();
        return own.Render(context);
    }

    private static TemplateContext Context(string name) => new(
        new TemplateObject
        {
            { "shop", new TemplateObject { { "name", "Sakura" }, { "lines", "a\nb\n" }, { "list", new TemplateArray([1, 2]) } } },
            { "season", new TemplateObject { { "key", "spring" }, { "open", true } } },
            { "contact", new TemplateObject { { "name", name }, { "lines", name + "\nline\n" }, { "list", new TemplateArray([name, 3]) }, { "vip", name.Length > 3 } } },
        },
        TemplateOptions.Scriban with { Loader = s_partials });
}
