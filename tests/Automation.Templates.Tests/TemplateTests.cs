using System.Text.Json;

namespace Automation.Templates.Tests;

public sealed class TemplateTests
{
    [Fact]
    public void Reading_finds_every_error_and_says_where()
    {
        var template = Template.Parse("{{ if }}a{{ end }}\n{{ 1 + }}\n{{ for x in }}{{ end }}", "mail");
        Assert.Equal(
            ["mail(1,7) : error : Error while parsing if statement: Expecting <expression> instead of `}}` in: if <expression> ... end|else|else if",
             "mail(2,8) : error : Error while parsing binary expression: Expecting an <expression> to the right of the operator instead of `}}` in: <expression> operator <expression>",
             "mail(3,13) : error : Error while parsing for statement: Expecting <expression> instead of `}}` in: for <variable> in <expression> ... end"],
            template.Messages.Select(message => message.ToString()));
        Assert.Throws<TemplateException>(() => template.Render(new TemplateContext([])));
    }

    [Fact]
    public void One_template_and_one_model_serve_many_threads_at_once()
    {
        var template = Template.Parse("{{ total = 0 }}{{ for i in items }}{{ total = total + i.price * i.count }}{{ end }}{{ who | string.upcase }}:{{ total }}:{{ day | date.to_string '%F' }}");
        var items = new TemplateArray(Enumerable.Range(1, 50).Select(object? (i) => new TemplateObject { { "price", i }, { "count", 2 } }));
        var shared = new TemplateObject { { "items", items }, { "who", "ada" }, { "day", new DateTime(2026, 11, 6) } };
        var texts = new string[400];
        Parallel.For(0, texts.Length, i => texts[i] = template.Render(new TemplateContext(shared)));
        Assert.All(texts, text => Assert.Equal("ADA:2550:2026-11-06", text));
        Assert.False(shared.Contains("total"));
    }

    [Fact]
    public void Built_in_groups_changed_by_one_render_stay_as_they_were_for_the_next()
    {
        Assert.Equal("2026-01-02 x", Render("{{ date.format = '%F'; string.mine = 'x'; date.parse '2026-01-02' }} {{ string.mine }}"));
        Assert.Equal("02 Jan 2026 ", Render("{{ date.parse '2026-01-02' }} {{ string.mine }}"));
    }

    [Fact]
    public void Roots_are_the_names_that_must_come_from_outside()
    {
        var template = Template.Parse("{{ total = 0 }}{{ for p in purchases }}{{ total = total + p.net }}{{ end }}{{ total | math.format 'N0' }} {{ contact.name ?? shop.name }} {{ func f(a); ret a + season.key; end }}");
        Assert.Equal(["contact", "purchases", "season", "shop"], template.Roots.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void An_expression_gives_a_value_and_its_truth()
    {
        var model = new TemplateObject
        {
            { "event", new TemplateObject { { "data", new TemplateObject { { "amount", 1500 } } } } },
            { "contact", new TemplateObject { { "tags", new TemplateArray(["vip", "news"]) } } },
        };
        var condition = TemplateExpression.Parse("event.data.amount > 1000 && contact.tags | array.contains \"vip\"");
        Assert.Empty(condition.Messages);
        Assert.Equal(["contact", "event"], condition.Roots.Order(StringComparer.Ordinal));
        Assert.Equal(1500, TemplateExpression.Parse("event.data.amount").Evaluate(new TemplateContext(model)));
        Assert.True(TemplateExpression.Parse("event.data.amount > 1000 && (contact.tags | array.contains \"vip\")").Test(new TemplateContext(model)));
        Assert.False(TemplateExpression.Parse("event.data.missing").Test(new TemplateContext(model)));
        Assert.True(TemplateExpression.IsTrue(0));
        Assert.True(TemplateExpression.Parse("1 +").HasErrors);
        Assert.True(TemplateExpression.Parse("a b; c").HasErrors);
    }

    [Fact]
    public void A_model_from_JSON_keeps_the_types_it_names()
    {
        using var json = JsonDocument.Parse("""{"d":{"$date":"2026-11-06T09:00:00"},"m":{"$decimal":"1.50"},"x":{"$double":"1"},"t":{"$timespan":"1.00:00:00"},"l":3000000000,"f":1.5}""");
        var model = TemplateObject.FromJson(json.RootElement);
        Assert.Equal(new DateTime(2026, 11, 6, 9, 0, 0), model["d"]);
        Assert.Equal(1.50m, model["m"]);
        Assert.Equal(1.0, model["x"]);
        Assert.Equal(TimeSpan.FromDays(1), model["t"]);
        Assert.Equal(3000000000L, model["l"]);
        Assert.Equal(1.5, model["f"]);
        Assert.Equal(1.5m, TemplateObject.FromJson(json.RootElement, numbersAsDecimal: true)["f"]);
    }

    [Theory]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(200)]
    public void An_object_finds_and_keeps_the_order_of_any_number_of_names(int count)
    {
        var model = new TemplateObject();
        for (var i = 0; i < count; i++) model[$"name{i}"] = i;
        Assert.True(model.Remove("name3"));
        Assert.False(model.Contains("name3"));
        Assert.Equal(count - 1, model.Count);
        for (var i = 0; i < count; i++) Assert.Equal(i == 3 ? null : i, model[$"name{i}"]);
        Assert.Equal(Enumerable.Range(0, count).Where(i => i != 3).Select(i => $"name{i}"), model.Select(pair => pair.Key));
    }

    [Fact]
    public void Values_in_an_HTML_part_are_escaped_once_unless_they_are_piped_through_raw()
    {
        var mail = TemplateOptions.Mail with { EscapeHtml = true, Loader = new Partials { ["p"] = "<i>{{ v }}</i>" } };
        const string Text = "{{ v }}|{{ v | raw }}|{{ v | html.escape }}|{{ v | string.upcase }}|{{ include 'p' }}|{{ capture c }}<u>{{ v }}</u>{{ end }}{{ c }}|{{ [v] }}|{{ 1.5 }}|{{ v | html.escape | html.newline_to_br }}";
        var text = Template.Parse(Text).Render(new TemplateContext(new TemplateObject { { "v", "<b>\n" } }, mail));
        Assert.Equal("&lt;b&gt;\n|<b>\n|&lt;b&gt;\n|&lt;B&gt;\n|<i>&lt;b&gt;\n</i>|<u>&lt;b&gt;\n</u>|[&quot;&lt;b&gt;\\n&quot;]|1.5|&lt;b&gt;<br />\n", text);
    }

    [Fact]
    public void Plain_text_mail_knows_raw_but_escapes_nothing() =>
        Assert.Equal("<b> <b>", Template.Parse("{{ '<b>' }} {{ '<b>' | raw }}").Render(new TemplateContext([], TemplateOptions.Mail)));

    [Fact]
    public void Japanese_years_come_from_a_culture_with_that_calendar()
    {
        var context = new TemplateContext(new TemplateObject { { "d", new DateTime(2026, 11, 6) } }, TemplateOptions.Scriban with { Culture = Functions.Cultures.Get("ja-JP-u-ca-japanese") });
        Assert.Equal("令和8年11月6日", Template.Parse("{{ d | object.format \"ggy年M月d日\" }}").Render(context));
    }

    [Fact]
    public void Writing_to_a_writer_gives_the_same_text()
    {
        var template = Template.Parse("{{ for i in 1..900 }}  line {{ i }} あいうえお\n{{ end }}");
        using var writer = new StringWriter();
        template.Render(writer, new TemplateContext([]));
        Assert.Equal(template.Render(new TemplateContext([])), writer.ToString());
    }

    private static string Render(string text) => Template.Parse(text).Render(new TemplateContext([]));
}
