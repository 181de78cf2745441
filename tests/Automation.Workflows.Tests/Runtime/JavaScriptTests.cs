using Automation.Workflows.Runtime;

namespace Automation.Workflows.Tests.Runtime;

public sealed class JavaScriptTests
{
    [Theory]
    [InlineData("1 + 2", "3")]
    [InlineData("'a' + 1 + null", "a1null")]
    [InlineData("return 'x';", "x")]
    [InlineData("var o = {n: 1}; o.n += 2; o['n'] += 3; o.n", "6")]
    [InlineData("var s = 'a'; s += 'b'; s", "ab")]
    [InlineData("[3,1,2].sort().join('-')", "1-2-3")]
    [InlineData("[1,[2,3]] + ''", "1,2,3")]
    [InlineData("'a1b22'.replace(/[0-9]+/g, '#')", "a#b#")]
    [InlineData("'abc'.replace(/b/, function (m) { return m.toUpperCase() + m; })", "aBbc")]
    [InlineData("/^a(b)/.exec('abc')[1]", "b")]
    [InlineData("new RegExp('^a', 'i').test('Abc') + ''", "true")]
    [InlineData("/a/ instanceof RegExp && [] instanceof Array && new Date(0) instanceof Date ? 'yes' : 'no'", "yes")]
    [InlineData("new Array(3).length + Array(1, 2).length", "5")]
    [InlineData("[1,2,3,4].filter(function (n) { return n % 2 == 0 }).map(function (n) { return n * 10 }).reduce(function (a, b) { return a + b })", "60")]
    [InlineData("JSON.stringify(JSON.parse('{\"a\":[1,{\"b\":null}]}'))", "{\"a\":[1,{\"b\":null}]}")]
    [InlineData("JSON.stringify({a: 1}, null, 1)", "{\n \"a\": 1\n}")]
    [InlineData("new Date(2026, 0, 31).toISOString()", "2026-01-31T00:00:00.000Z")]
    [InlineData("var d = new Date(0); d.setFullYear(2027); d.getFullYear()", "2027")]
    [InlineData("Math.max.apply(null, [1, 5, 3])", "5")]
    [InlineData("'a,b'.split(',').length + 'xyz'.substring(1) + ' t '.trim()", "2yzt")]
    [InlineData("typeof eval + typeof Function", "undefinedundefined")]
    [InlineData("Object.keys({b: 1, c: 2}).join()", "b,c")]
    [InlineData("isNullOrEmpty('') + '/' + isNullOrEmpty('x') + '/' + isNullOrEmpty(null)", "true/false/true")]
    public async Task An_expression_gives_its_value(string script, string expected)
    {
        using var flow = await new Flow().Of(Flow.Say("w", script)).Run();
        Assert.Equal(expected, string.Join('\n', flow.Lines));
    }

    [Theory]
    [InlineData("while (true);")]
    [InlineData("for (;;) { }")]
    [InlineData("function f() { return f(); } f()")]
    [InlineData("function f() { return g() } function g() { return f() } f()")]
    [InlineData("try { while (true); } catch (e) { } finally { }")]
    [InlineData("var s = 'xxxxxxxxxx'; while (true) s += s; s")]
    [InlineData("var s = 'xxxxxxxxxx'; for (var i = 0; i < 40; i++) s = s + s; s.length")]
    [InlineData("var s = 'xxxxxxxxxx'; for (var i = 0; i < 40; i++) s = s.concat(s, s); s.length")]
    [InlineData("var o = {s: 'xxxxxxxxxx'}; for (var i = 0; i < 40; i++) o.s += o.s; o.s.length")]
    [InlineData("new Array(1e6).join('x')")]
    [InlineData("var a = []; a.length = 4294967295; a.join('x')")]
    [InlineData("var a = []; a[4294967294] = 1; a.indexOf(2)")]
    [InlineData("Array.prototype.join.call({length: 4294967295}, 'x')")]
    [InlineData("Array.prototype.forEach.call({length: {valueOf: function () { return 4294967295 }}}, function () { })")]
    [InlineData("var o = {}; Object.defineProperty(o, 'length', {get: function () { return 4294967295 }}); Array.prototype.map.call(o, function () { })")]
    [InlineData("Math.max.apply(null, {length: 4294967295})")]
    [InlineData("var a = ['xxxxxxxxxx']; for (var i = 0; i < 40; i++) a = [a, a]; a + ''")]
    [InlineData("var a = ['xxxxxxxxxx']; for (var i = 0; i < 40; i++) a = [a, a]; JSON.stringify(a).length")]
    [InlineData("var a = []; a[0] = a; JSON.stringify(a)")]
    [InlineData("var a = []; while (true) a.push('xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx' + a.length)")]
    [InlineData("var a = []; while (true) a.push([[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[]])")]
    [InlineData("var s = 'xxxxxxxxxx'; for (var i = 0; i < 12; i++) s = s + s; s.replace(/x/g, s).length")]
    [InlineData("var s = 'xxxxxxxxxx'; for (var i = 0; i < 12; i++) s = s + s; s.replace(/x/g, function () { return s }).length")]
    [InlineData("var s = 'xxxxxxxxxx'; for (var i = 0; i < 12; i++) s = s + s; s.replace(/x/g, '$`').length")]
    [InlineData("/^(a+)+$/.test('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab')")]
    [InlineData("new RegExp('^(a+)+$').exec('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab')")]
    [InlineData("'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab'.match('^(a+)+$')")]
    [InlineData("'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab'.replace(/^(a+)+$/, '')")]
    [InlineData("var s = '['; for (var i = 0; i < 15; i++) s = s + s; JSON.parse(s)")]
    [InlineData("new Date(1e100, 0)")]
    [InlineData("new Date(0).setFullYear(1e9)")]
    [InlineData("Date.UTC(1e9, 1)")]
    [InlineData("(function () { }).constructor('while(true);')()")]
    [InlineData("eval('while(true);')")]
    [InlineData("var o = {}; for (var i = 0; i < 99999; i++) o = {o: o}; o")]
    [InlineData("(1e300).toString(36)")]
    public async Task A_hostile_expression_is_stopped_and_faults_its_step(string script)
    {
        using var flow = await new Flow().Of(Flow.Say("w", script)).Run();
        Assert.Equal(WorkflowSubStatus.Faulted, flow.State.SubStatus);
        Assert.Equal("w", Assert.Single(flow.State.Incidents).ActivityId);
        Assert.NotEmpty(flow.State.Incidents[0].Message);
    }

    public static TheoryData<string> DeepTexts() => new()
    {
        new string('(', 5000) + new string(')', 5000),
        new string('!', 15000) + "1",
        string.Concat(Enumerable.Repeat("if(1)", 3900)) + ";",
        string.Join('+', Enumerable.Repeat("1", 9000)),
        string.Concat(Enumerable.Repeat("a=", 9000)) + "1",
        string.Concat(Enumerable.Repeat("typeof ", 2800)) + "1",
        new string(' ', 30000),
        "this is no script",
        "/(/",
    };

    [Theory]
    [MemberData(nameof(DeepTexts))]
    public void A_text_that_is_too_deep_or_no_script_is_named(string text) =>
        Assert.Throws<JavaScriptFailedException>(() => JavaScriptProgram.Parse(text));

    [Fact]
    public async Task A_script_cannot_see_what_another_left_behind()
    {
        using var flow = await new Flow().Of(Flow.Sequence("s",
            Flow.Say("a", "Array.prototype.evil = 1; String.prototype.trim = null; leaked = 2; /x/.leaked = 3; 'a'"),
            Flow.Say("b", "typeof [].evil + typeof ''.trim + typeof leaked + typeof /x/.leaked"))).Run();
        Assert.Equal(["a", "undefinedfunctionundefinedundefined"], flow.Lines);
    }

    [Fact]
    public async Task One_graph_runs_on_many_threads_at_once()
    {
        var registry = ActivityRegistry.WithGeneralActivities();
        var graph = WorkflowGraph.Build(Flow.Definition(Flow.Step("o", "Elsa.SetOutput", Flow.Input("outputName", "Out")
            + "," + Flow.JavaScript("outputValue", "var s = 'n'; for (var i = 0; i < 5; i++) s += 'abc'.charAt(1) + 'x'.concat('y'); s + getInput('n') + /b/.test('abc')"))), registry);
        var runner = new WorkflowRunner(registry, [], TimeProvider.System);
        using var flow = new Flow();
        await Parallel.ForAsync(0, 400, async (n, cancellation) =>
        {
            var start = new WorkflowStart { InstanceId = "i" + n, Input = new Dictionary<string, object?> { ["n"] = n } };
            var result = await runner.StartAsync(graph, start, flow.Host, cancellation);
            Assert.Equal($"nbxybxybxybxybxy{n}true", result.State.Output["Out"]);
        });
    }

    [Fact]
    public async Task Nothing_of_dotnet_is_reachable()
    {
        using var flow = await new Flow().Of(Flow.Say("w", "typeof System + typeof importNamespace + typeof host + typeof getVariable('x')")).Run();
        Assert.Equal(["undefinedundefinedundefinedobject"], flow.Lines);
    }
}
