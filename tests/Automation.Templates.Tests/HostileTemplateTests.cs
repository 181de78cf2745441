using System.Text;
using Automation.Templates.Analysis;
using FsCheck;
using FsCheck.Fluent;

namespace Automation.Templates.Tests;

/// <summary>Templates that mean harm, or none, end in a named error within their limits.</summary>
public sealed class HostileTemplateTests
{
    private static readonly TemplateOptions s_tight = TemplateOptions.Scriban with { StepLimit = 20_000, OutputLimit = 50_000, RegexTimeout = TimeSpan.FromMilliseconds(100) };

    private static readonly ModelShape s_shape = ModelShape.Object(("list", ModelShape.List(ModelShape.Text)), ("o", ModelShape.Object(("k", ModelShape.Number.OrMissing())).OrMissing()));

    private static readonly string[] s_fragments =
    [
        "{{", "}}", "{{-", "-}}", "{{~", "~}}", "{%{", "}%}", "if ", "else ", "else if ", "end ", "for x in ", "while ", "case ", "when ", "func f ", "func g(a, b = 1) ",
        "f(x) = ", "with ", "wrap f ", "capture c ", "ret ", "import ", "readonly ", "break ", "continue ", "tablerow x in ", "do ", "include ", "x ", "list ", "o ", "o.k ", "o?.k.z ", "$0 ", "$ ", "$$ ", "$y ",
        "1 ", "1.5 ", "1m ", "0x1F ", "1e30 ", "\"text\" ", "'t' ", "`v` ", "$\"a{", "}b\" ", "true ", "null ", "[1, 2] ", "{a: 1} ", "[", "]", "{", "}", "(", ")", "(1..9) ", "1..5 ",
        "+ ", "- ", "* ", "/ ", "// ", "% ", "== ", "< ", "&& ", "|| ", "?? ", "? ", ": ", "! ", "@f ", "^list ", "| ", "= ", "+= ", "++ ", ". ", ", ", "; ", "\n", "# note\n", "## ", "<b>text</b>", " ",
        "string.upcase ", "array.sort ", "array.each @f ", "array.map \"k\" ", "math.round ", "date.to_string \"%F\" ", "html.escape ", "regex.match \"(a+)+$\" ", "object.eval ", "object.to_json ", "for.index ", "limit:2 ", "reversed ", "x = ", "x * x ", "x + x ",
    ];

    private static readonly Gen<string> s_soup = Gen.Elements(s_fragments).ArrayOf().Select(parts => string.Concat(parts));
    private static readonly Gen<string> s_script = s_soup.Select(code => "{{ x = \"ab\"\n" + code + " }}");

    private static readonly Gen<string> s_atom = Gen.Elements("1", "0", "-3", "2.5", "1m", "'text'", "''", "null", "true", "x", "list", "o", "o.k", "list[0]", "o?.z.y", "$x", "3000000000", "1..4", "empty", "(date.parse '2026-01-02')");
    private static readonly Gen<string> s_operator = Gen.Elements("+", "-", "*", "/", "//", "%", "==", "!=", "<", ">=", "&&", "||", "??", "?!", "<<", ">>", "..", "..<");
    private static readonly Gen<string> s_function = Gen.Elements(
        "string.upcase", "string.size", "string.split ','", "string.slice 1 2", "string.truncate 2", "string.replace 'e' 'ee'", "string.pad_left 9", "math.abs", "math.round 1", "math.format 'N2'", "math.plus 2",
        "array.size", "array.sort", "array.reverse", "array.uniq", "array.join '-'", "array.first", "array.add 1", "array.map 'k'", "array.limit 2", "array.each @string.size", "object.typeof", "object.to_json", "object.keys",
        "object.default 5", "object.eval", "html.escape", "html.strip", "regex.match 'e+'", "date.add_days 1", "date.to_string '%F'");

    private static readonly Gen<string> s_wellFormed = Gen.Sized(size => Statements(Math.Min(size, 5)));

    [Fact]
    public void No_well_formed_template_leaves_its_limits()
    {
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(3000), Prop.ForAll(s_wellFormed.ToArbitrary(), text => !Template.Parse(text).HasErrors && EndsWell(text)));
    }

    [Fact]
    public void No_text_makes_parsing_throw_or_rendering_leave_its_limits() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(3000).WithEndSize(60), Prop.ForAll(Gen.OneOf(s_soup, s_script).ToArbitrary(), EndsWell));

    [Theory]
    [InlineData("{{ func f(n); f(n) + f(n); end; f 1 }}")]
    [InlineData("{{ func f(n); if n > 0; f(n - 1); f(n - 1); end; end; f 60 }}")]
    [InlineData("{{ x = 'aaaaaaaa'; for i in 1..60; x = x + x; end }}")]
    [InlineData("{{ x = 9999999999999; for i in 1..60; x = x * x; end }}")]
    [InlineData("{{ x = [1,2]; for i in 1..60; x = x + x; end }}")]
    [InlineData("{{ while true; 'text'; end }}")]
    [InlineData("{{ 'a' * 2000000000 }}")]
    [InlineData("{{ x = []; for i in 1..900; x[i] = 'a' * 40000; end }}")]
    [InlineData("{{ x = []; for i in 1..900; x[i] = 'a' | string.pad_left 40000; end }}")]
    [InlineData("{{ [1] * 2000000000 }}")]
    [InlineData("{{ x = []; x[2000000000] = 1 }}")]
    [InlineData("{{ 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!' | regex.match '^(a+)+$' }}")]
    [InlineData("{{ o = {}; o.o = o; o }}")]
    [InlineData("{{ include 'self' }}")]
    [InlineData("{{ x = 'object.eval x'; object.eval x }}")]
    [InlineData("{{ x = '{{ x | object.eval_template }}'; x | object.eval_template }}")]
    [InlineData("{{ 1e999999999 }}")]
    [InlineData("{{ 5 | math.format 'N999999999' }}")]
    [InlineData("{{ a = [1]; a[0] = a; b = [1]; b[0] = b; a == b }}")]
    public void An_attack_ends_in_a_named_error(string text)
    {
        var template = Template.Parse(text, "attack");
        var options = s_tight with { Loader = new Partials { ["self"] = "{{ include 'self' }}" } };
        var failure = Assert.Throws<TemplateException>(() => template.Render(new TemplateContext([], options)));
        Assert.NotEmpty(failure.Messages[0].Text);
    }

    [Theory]
    [InlineData("(", ")")]
    [InlineData("[", "]")]
    [InlineData("!", "")]
    [InlineData("{a:", "}")]
    [InlineData("1+", "")]
    [InlineData("a.", "")]
    [InlineData("f | ", "")]
    [InlineData("if 1; ", "")]
    [InlineData("a ? 1 : ", "")]
    [InlineData("$\"{", "}\"")]
    public void Nesting_without_end_is_an_error_of_reading(string open, string close)
    {
        const int Depth = 50_000;
        var text = new StringBuilder("{{ ").Insert(3, open, Depth).Append('a').Insert(4 + (open.Length * Depth), close, Depth).Append(" }}").ToString();
        Assert.True(Template.Parse(text).HasErrors);
    }

    [Fact]
    public void Reading_stops_at_a_thousand_errors() =>
        Assert.Equal(1000, Template.Parse(string.Concat(Enumerable.Repeat("{{ 1 + }}\n", 50_000))).Messages.Count);

    [Fact]
    public void A_large_template_is_read_in_one_pass()
    {
        var text = string.Concat(Enumerable.Range(0, 60_000).Select(i => $"{{{{ x{i} = a.b.c + y{i} }}}}"));
        Assert.Equal(60_001, Template.Parse(text).Roots.Count);
    }

    [Fact]
    public void Lists_made_lazily_upon_each_other_do_not_exhaust_the_stack()
    {
        var template = Template.Parse("{{ x = [1, 2]; for i in 1..900; x = x | array.reverse | array.compact; end; x | array.size }}");
        Assert.Equal("2", template.Render(new TemplateContext([], TemplateOptions.Scriban with { LoopLimit = 0 })));
    }

    [Fact]
    public void Rendering_stops_when_its_time_is_up_by_the_clock_given()
    {
        var clock = new SteppingClock();
        var options = TemplateOptions.Scriban with { LoopLimit = 0, RenderTimeout = TimeSpan.FromSeconds(3), Clock = clock };
        var failure = Assert.Throws<TemplateException>(() => Template.Parse("{{ while true; x = 1; end }}").Render(new TemplateContext([], options)));
        Assert.Contains("longer than", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Rendering_stops_when_it_is_cancelled()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        var context = new TemplateContext([], TemplateOptions.Scriban with { LoopLimit = 0 }, cancelled.Token);
        Assert.Throws<OperationCanceledException>(() => Template.Parse("{{ while true; x = 1; end }}").Render(context));
    }

    [Fact]
    public void Mail_is_never_cut_silently()
    {
        var template = Template.Parse("{{ for i in 1..9000; '0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz'; end }}");
        var failure = Assert.Throws<TemplateException>(() => template.Render(new TemplateContext([], TemplateOptions.Mail)));
        Assert.Contains("The output exceeds the limit of `2000000` characters.", failure.Message, StringComparison.Ordinal);
    }

    private static Gen<string> Expressions(int size)
    {
        if (size <= 0) return s_atom;
        var part = Expressions(size - 1);
        return Gen.OneOf(
            s_atom,
            from a in part from op in s_operator from b in part select $"({a} {op} {b})",
            from a in part from f in s_function select $"({a} | {f})",
            from a in part from b in part select $"[{a}, {b}]",
            from a in part select $"{{k: {a}}}",
            from a in part from b in part from c in part select $"({a} ? {b} : {c})",
            from a in part select $"!{a}");
    }

    private static Gen<string> Statements(int size)
    {
        var value = Expressions(Math.Min(size, 3));
        var print = Gen.OneOf(value.Select(e => $"{{{{ {e} }}}}"), Gen.Elements("text", "\n  "));
        if (size <= 0) return print;
        var body = Statements(size - 1);
        return Gen.OneOf(
            print,
            from a in body from b in body select a + b,
            from e in value from a in body from b in body select $"{{{{ if {e} }}}}{a}{{{{ else }}}}{b}{{{{ end }}}}",
            from e in value from a in body select $"{{{{ for x in ({e}) }}}}{a}{{{{ for.index }}}}{{{{ end }}}}",
            from e in value from a in body select $"{{{{ while {e} }}}}{a}{{{{ end }}}}",
            from e in value select $"{{{{ x = {e} }}}}",
            from a in body select $"{{{{ capture x }}}}{a}{{{{ end }}}}",
            from e in value from a in body select $"{{{{ func f(x) }}}}{a}{{{{ ret {e}; end; f {e} }}}}",
            from e in value from a in body select $"{{{{ case {e} }}}}{{{{ when 1, 'a' }}}}{a}{{{{ end }}}}",
            from a in body select $"{{{{ with o }}}}{a}{{{{ end }}}}");
    }

    private static bool EndsWell(string text)
    {
        var template = Template.Parse(text, "soup");
        if (TemplateAnalysis.Of(template, s_shape) is { IsComplete: false }) return false;
        var context = new TemplateContext(new TemplateObject { { "list", new TemplateArray([1, "b", null]) }, { "o", new TemplateObject { { "k", 1 } } } }, s_tight);
        try
        {
            var output = template.Render(context);
            return !template.HasErrors && output.Length <= s_tight.OutputLimit + 3;
        }
        catch (TemplateException failure)
        {
            return failure.Messages.Count > 0 && failure.IsParseError == template.HasErrors;
        }
    }

    /// <summary>A clock that moves a second each time it is read.</summary>
    private sealed class SteppingClock : TimeProvider
    {
        private long _seconds;

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => _seconds++;
    }
}
