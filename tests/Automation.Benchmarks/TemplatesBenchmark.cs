using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Automation.Templates;
using HandlebarsDotNet;

namespace Automation.Benchmarks;

/// <summary>Parsing and rendering of six templates, beside Handlebars.Net where it can say the same.</summary>
/// <remarks>Rounds of both engines alternate, so that a busy machine slows both; the median of the ratios counts.</remarks>
internal static class TemplatesBenchmark
{
    private const int Rounds = 21;
    private const double SlowestRatio = 0.8;
    private static readonly TimeSpan s_roundTime = TimeSpan.FromMilliseconds(40);

    /// <summary>What one render and one parse may allocate at most, in KB.</summary>
    private static readonly (string Name, double RenderKb, double ParseKb)[] s_cases =
    [
        ("plain", 1.6, 12), ("table50", 74.5, 8), ("html30k", 182.5, 319), ("pipes", 28, 38.5), ("conditions", 11, 207.5), ("japanese", 10.5, 21),
    ];

    /// <returns>0 when every must is met, 1 when one is missed, 2 without the templates.</returns>
    public static int Run(string[] args)
    {
        var folder = args.Length > 1 ? args[1] : FindFolder();
        if (folder is null)
        {
            Console.Error.WriteLine("The benchmark templates were not found; give their folder as the argument.");
            return 2;
        }
        Console.WriteLine("case         render µs  Handlebars µs  ratio (≥0.8)   render KB (max)     parse µs   parse KB (max)     result");
        var isMet = true;
        foreach (var (name, renderKb, parseKb) in s_cases) isMet &= Measure(folder, name, renderKb, parseKb);
        return isMet ? 0 : 1;
    }

    private static bool Measure(string folder, string name, double maxRenderKb, double maxParseKb)
    {
        var text = File.ReadAllText(Path.Combine(folder, name + ".sbn"));
        using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, name + ".json")));
        var template = Template.Parse(text, name);
        var model = TemplateObject.FromJson(json.RootElement);
        var rendered = template.Render(new TemplateContext(model));
        var isRight = rendered == File.ReadAllText(Path.Combine(folder, name + ".out"));

        Action render = () => template.Render(new TemplateContext(model));
        Action parse = () => Template.Parse(text, name);
        var other = HandlebarsFor(folder, name, json.RootElement);
        var (renderTime, otherTime, ratio) = Compare(render, other);
        var (parseTime, _, _) = Compare(parse, null);
        var (renderKb, parseKb) = (AllocatedKb(render), AllocatedKb(parse));

        var isMet = isRight && renderKb <= maxRenderKb && parseKb <= maxParseKb && (other is null || ratio >= SlowestRatio);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{name,-12} {renderTime,9:F1}  {(other is null ? "-" : otherTime.ToString("F1", CultureInfo.InvariantCulture)),13}  {(other is null ? "-" : ratio.ToString("F2", CultureInfo.InvariantCulture)),5}          {renderKb,8:F1} ({maxRenderKb,5:F1})    {parseTime,8:F1}   {parseKb,8:F1} ({maxParseKb,5:F1})    {(isMet ? "PASS" : isRight ? "MISS" : "WRONG TEXT")}"));
        return isMet;
    }

    private static (double Micros, double OtherMicros, double Ratio) Compare(Action run, Action? other)
    {
        var count = CountFor(run);
        var otherCount = other is null ? 0 : CountFor(other);
        var (times, otherTimes, ratios) = (new List<double>(), new List<double>(), new List<double>());
        for (var round = 0; round < Rounds; round++)
        {
            times.Add(Time(run, count));
            if (other is null) continue;
            otherTimes.Add(Time(other, otherCount));
            ratios.Add(otherTimes[^1] / times[^1]);
        }
        return (Median(times), Median(otherTimes), Median(ratios));
    }

    private static int CountFor(Action run)
    {
        var watch = Stopwatch.StartNew();
        var count = 0;
        while (watch.Elapsed < s_roundTime * 5)
        {
            run();
            count++;
        }
        return Math.Max(1, count / 5);
    }

    private static double Time(Action run, int count)
    {
        var watch = Stopwatch.StartNew();
        for (var i = 0; i < count; i++) run();
        return watch.Elapsed.TotalMicroseconds / count;
    }

    private static double AllocatedKb(Action run)
    {
        const int Times = 20;
        run();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Times; i++) run();
        return (GC.GetAllocatedBytesForCurrentThread() - before) / (double)Times / 1024;
    }

    private static double Median(List<double> values)
    {
        if (values.Count == 0) return 0;
        values.Sort();
        return values[values.Count / 2];
    }

    private static Action? HandlebarsFor(string folder, string name, JsonElement json)
    {
        var path = Path.Combine(folder, name + ".hbs");
        if (!File.Exists(path)) return null;
        var handlebars = Handlebars.Create();
        RegisterHelpers(handlebars);
        var template = handlebars.Compile(File.ReadAllText(path));
        var model = PlainValue(json);
        return () => template(model);
    }

    private static void RegisterHelpers(IHandlebars handlebars)
    {
        handlebars.RegisterHelper("fmt", (output, _, arguments) => output.WriteSafeString(Number(arguments[0]).ToString("N0", CultureInfo.InvariantCulture)));
        handlebars.RegisterHelper("mulfmt", (output, _, arguments) => output.WriteSafeString((Number(arguments[0]) * Number(arguments[1])).ToString("N0", CultureInfo.InvariantCulture)));
        handlebars.RegisterHelper("jdate", (output, _, arguments) => output.WriteSafeString(((DateTime)arguments[0]!).ToString("yyyy年MM月dd日", CultureInfo.InvariantCulture)));
        handlebars.RegisterHelper("url", (output, _, arguments) => output.WriteSafeString(Uri.EscapeDataString(Convert.ToString(arguments[0], CultureInfo.InvariantCulture) ?? "")));
        handlebars.RegisterHelper("total", (output, _, arguments) => output.WriteSafeString(((IEnumerable<object>)arguments[0]!).Cast<Dictionary<string, object?>>().Sum(item => Number(item["price"]!) * Number(item["qty"]!)).ToString("N0", CultureInfo.InvariantCulture)));
        handlebars.RegisterHelper("eq", (_, arguments) => Equals(arguments[0], arguments[1]));
        handlebars.RegisterHelper("gt0", (_, arguments) => Number(arguments[0]) > 0);
        handlebars.RegisterHelper("even", (_, arguments) => (int)Number(arguments[0]) % 2 == 0);
    }

    private static double Number(object? value) => Convert.ToDouble(value, CultureInfo.InvariantCulture);

    private static object? PlainValue(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object when json.TryGetProperty("$date", out var date) => date.GetDateTime(),
        JsonValueKind.Object => json.EnumerateObject().ToDictionary(p => p.Name, p => PlainValue(p.Value)),
        JsonValueKind.Array => json.EnumerateArray().Select(PlainValue).ToArray(),
        JsonValueKind.String => json.GetString(),
        JsonValueKind.Number => json.TryGetInt32(out var whole) ? whole : json.GetDouble(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => null,
    };

    private static string? FindFolder()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine(folder.FullName, "..", "shared", "scriban", "bench");
            if (File.Exists(Path.Combine(folder.FullName, "Automation.sln")) && Directory.Exists(candidate)) return Path.GetFullPath(candidate);
        }
        return null;
    }
}
