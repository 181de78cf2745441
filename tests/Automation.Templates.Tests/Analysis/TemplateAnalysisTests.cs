using System.Text;
using Automation.Templates.Analysis;

namespace Automation.Templates.Tests.Analysis;

public sealed class TemplateAnalysisTests
{
    private static readonly ModelShape s_model = ModelShape.Object(
        ("person", ModelShape.Object(("name", ModelShape.Text.OrMissing()), ("email", ModelShape.Text))),
        ("orders", ModelShape.List(ModelShape.Object(("sum", ModelShape.Number)))));

    [Fact]
    public void What_is_printed_comes_in_order_with_partials_in_their_place()
    {
        var partials = new Partials { ["p"] = "<{{ $.x }}>" };
        var analysis = TemplateAnalysis.Of(Template.Parse("a{{ person.email }}{{ include 'p' x:'b' }}{{ if orders }}c{{ else }}d{{ end }}{{ capture e }}f{{ end }}{{ e }}"), s_model, partials);
        Assert.Equal("a $person.email <b> ( c / d ) f", string.Join(' ', Words(analysis.Pieces)).Replace("< b >", "<b>", StringComparison.Ordinal));
        Assert.True(analysis.IsComplete);
    }

    [Fact]
    public void A_place_knows_its_line_and_column_and_can_be_cut()
    {
        var place = TemplateAnalysis.Of(Template.Parse("one\ntwo {{ person.nam }}", "t"), s_model).Problems[0].Place;
        Assert.Equal(("t", (2, 15), (2, 18)), (place.Template, place.Start, place.End));
        Assert.Equal(((2, 16), (2, 17)), (place.Slice(1, 1).Start, place.Slice(1, 1).End));
        Assert.Equal(((2, 17), (2, 18)), (place.Slice(2, 100).Start, place.Slice(2, 100).End));
    }

    [Fact]
    public void A_faulty_template_has_nothing_to_say()
    {
        var analysis = TemplateAnalysis.Of(Template.Parse("a {{ if }}"), s_model);
        Assert.Empty(analysis.Problems);
        Assert.Empty(analysis.Pieces);
    }

    [Fact]
    public void Defaults_make_sure_of_what_they_name_and_of_nothing_else()
    {
        var shape = ModelShape.Object(("deal", ModelShape.Object(("id", ModelShape.Text), ("owner", ModelShape.Text.OrMissing())).OrMissing()))
            .WithDefaults(new TemplateObject { ["deal"] = new TemplateObject { ["owner"] = "x" }, ["more"] = "y" });
        var problems = TemplateAnalysis.Of(Template.Parse("{{ deal.owner }}{{ more }}{{ deal.id }}"), shape).Problems;
        Assert.Equal([(TemplateProblemKind.MayBeBlank, "deal.id")], problems.Select(problem => (problem.Kind, problem.Subject)));
    }

    [Theory]
    [InlineData("contact", "contct", "contact")]
    [InlineData("string.upcase", "string.upcas", "string.upcase")]
    [InlineData("name", "quite something else", "")]
    public void The_nearest_name_is_near(string known, string name, string expected) => Assert.Equal(expected, Nearest.Of(name, [known]));

    public static TheoryData<string> Hostile => new()
    {
        "{{ x = 'a'; " + Repeated("x = x + x; ", 5_000) + "x }}",
        "{{ x = person; " + Repeated("x = person.name ? x : x; ", 5_000) + "x.name }}",
        "{{ x = person; " + Repeated("x = x ?? x; ", 20_000) + "x.name }}",
        "{{ x = person; " + Repeated("x = [x, x]; ", 20_000) + "x[0][0].name }}",
        "{{ func f; f; f; end; f }}",
        "{{ func a; 1; end; " + string.Concat(Enumerable.Range(0, 60).Select(i => $"func a{i}; a{i + 1}; a{i + 1}; a{i + 1}; end; ")) + "a0 }}",
        Repeated("{{ include 'twice' }}", 2_000),
        "{{ if person.name }}a" + Repeated("{{ else if person.name == 'x' }}b", 5_000) + "{{ end }}",
        "{{ person" + Repeated(".name", 480) + " }}" + Repeated("{{ person" + Repeated(".name", 480) + " }}", 300),
        Repeated("{{ $x = $x + 1 }}{{ $y }}", 20_000),
        string.Concat(Enumerable.Range(0, 40_000).Select(i => $"{{{{ unknown{i} }}}}")),
        Repeated("{{ if person.name }}", 240) + "x" + Repeated("{{ end }}", 240),
        "{{ for a in orders }}" + string.Concat(Enumerable.Range(0, 10_000).Select(i => $"{{{{ x{i} = a.sum }}}}")) + "{{ end }}",
        "{{ capture c }}x{{ end }}" + Repeated("{{ capture c }}{{ c }}{{ c }}{{ end }}", 60) + "{{ c }}",
        "{{ wrap f }}" + Repeated("{{ wrap f }}", 100) + "x" + Repeated("{{ end }}", 101) + "{{ func f; $$; $$; end }}",
    };

    [Theory]
    [MemberData(nameof(Hostile))]
    public void The_work_is_bounded(string text)
    {
        var partials = new Partials { ["twice"] = Repeated("{{ include 'again' }}", 50), ["again"] = Repeated("{{ include 'last' }}", 50), ["last"] = Repeated("{{ x }}{{ include 'twice' }}", 50) };
        var analysis = TemplateAnalysis.Of(Template.Parse(text), s_model, partials);
        Assert.InRange(analysis.Problems.Count, 0, 500);
        Assert.InRange(analysis.Pieces.Count, 0, 100_000);
    }

    [Fact]
    public void Chunks_cover_text_and_code_also_of_broken_templates()
    {
        const string Text = "a {{ 'x}}' }} b {%{ {{ c }} }%} {{ open";
        Assert.Equal(
            ["a |text", "{{ 'x}}' }}|code", " b |text", " {{ c }} |text", " |text", "{{ open|code"],
            TemplateChunk.Of(Text).Select(chunk => $"{Text[chunk.Start..chunk.End]}|{(chunk.IsCode ? "code" : "text")}"));
    }

    private static string Repeated(string text, int times) => new StringBuilder().Insert(0, text, times).ToString();

    private static IEnumerable<string> Words(IEnumerable<TemplatePiece> pieces) => pieces.Select(piece => piece.Kind switch
    {
        TemplatePieceKind.Text => piece.Text,
        TemplatePieceKind.Value => "$" + string.Join(',', piece.Paths),
        TemplatePieceKind.BranchStart => "(",
        TemplatePieceKind.BranchNext => "/",
        _ => ")",
    });
}
