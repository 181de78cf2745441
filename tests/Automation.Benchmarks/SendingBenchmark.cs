using System.Diagnostics;
using System.Globalization;

namespace Automation.Benchmarks;

/// <summary>A 30 KB mail to 100,000 people, beside its floor; and how much memory audiences of different sizes take.</summary>
internal static class SendingBenchmark
{
    private const string Template = "bench/html30k";
    private const int People = 100_000;
    private const int Measured = 5;
    private const string Custom = """{"id":4207,"last_name":"山田","first_name":"花子","rank":"gold","points":12345,"email":"hanako@example.com","token":"a/b+c=="}""";

    // Without it no marketing mail leaves.
    private const string Sender = "{{ shop.legal_name }}\n{{ shop.address }}\n{{ shop.phone }}\n{{ links.unsubscribe }}\n";

    /// <param name="args"><c>[people]</c>, or <c>memory people</c> for one broadcast and the most memory it took.</param>
    public static async Task<int> RunAsync(string[] args)
    {
        if (FindBench() is not { } bench)
        {
            Console.Error.WriteLine("The template html30k.sbn is not there: nothing to measure.");
            return 1;
        }
        return args switch
        {
            [] => await CompareAsync(bench, People),
            ["memory", var people] => await MemoryAsync(bench, int.Parse(people, CultureInfo.InvariantCulture)),
            [var people] => await CompareAsync(bench, int.Parse(people, CultureInfo.InvariantCulture)),
            _ => 2,
        };
    }

    private static async Task<int> CompareAsync(string bench, int people)
    {
        await using var app = await BenchmarkedApp.StartAsync(folder => AddTemplate(bench, folder));
        await app.AddPeopleAsync(people, Custom);
        using var run = new BroadcastRun(app, people, Template);
        await Rounds.CompareAsync($"sending html30k to {people:N0}", people, Measured, run.SendAsync, run.FloorAsync);
        Console.WriteLine(run.Describe());
        return 0;
    }

    private static async Task<int> MemoryAsync(string bench, int people)
    {
        await using var app = await BenchmarkedApp.StartAsync(folder => AddTemplate(bench, folder));
        await app.AddPeopleAsync(people, Custom);
        using var run = new BroadcastRun(app, people, Template);
        GC.Collect();
        using var done = new CancellationTokenSource();
        var watching = PeakAsync(done.Token);
        await run.SendAsync(1);
        await done.CancelAsync();
        var peak = await watching / (1024 * 1024);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"sending html30k to {people}: at most {peak} MiB of memory"));
        return 0;
    }

    private static async Task<long> PeakAsync(CancellationToken done)
    {
        using var self = Process.GetCurrentProcess();
        var peak = 0L;
        while (!done.IsCancellationRequested)
        {
            self.Refresh();
            peak = Math.Max(peak, self.WorkingSet64);
            await Task.Delay(100, CancellationToken.None);
        }
        return peak;
    }

    // The bench template speaks of a customer; here these are fields of the person mailed, and the rest is the template's own.
    private static void AddTemplate(string bench, string folder)
    {
        var home = Directory.CreateDirectory(Path.Combine(folder, Template)).FullName;
        var html = File.ReadAllText(Path.Combine(bench, "html30k.sbn")).Replace("customer.", "contact.custom.", StringComparison.Ordinal)
            .Replace("{{ campaign |", "{{ campaign.name |", StringComparison.Ordinal)
            .Replace("</body>", Sender + "</body>", StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(home, "html.ja.sbn"), html);
        File.WriteAllText(Path.Combine(home, "subject.ja.sbn"), "{{ subject }}");
        File.WriteAllText(Path.Combine(home, "text.ja.sbn"), "{{ contact.name }}様\n\n{{ subject }}\n{{ base_url }}\n\n" + Sender);
        File.WriteAllText(
            Path.Combine(home, "template.json"),
            $$"""{"class":"marketing","approach":"A1","topics":[],"defaults":{{File.ReadAllText(Path.Combine(bench, "html30k.json"))}}}""");
    }

    private static string? FindBench()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var bench = Path.Combine(folder.FullName, "shared", "scriban", "bench");
            if (File.Exists(Path.Combine(bench, "html30k.sbn"))) return bench;
        }
        return null;
    }
}
