using Automation.Marketing.Storage;
using Automation.Server.Tests.Sending;

namespace Automation.Benchmarks;

/// <summary>The drill of sending at full length: what the usual suite checks with a few hundred people.</summary>
internal static class ChecksSending
{
    private const int People = 5_000;
    private const int Kills = 25;

    private static readonly (string Name, DatabaseProvider Provider, int Processes)[] Services =
        [("sqlite", DatabaseProvider.Sqlite, 1), ("postgresql", DatabaseProvider.PostgreSql, 1), ("postgresql-3", DatabaseProvider.PostgreSql, 3)];

    /// <param name="args"><c>[people kills [sqlite|postgresql|postgresql-3]]</c>; without the name all three.</param>
    /// <returns>0 when nobody was mailed twice, nothing was lost, no limit broken and nothing waits; else 1.</returns>
    public static async Task<int> DrillAsync(string[] args)
    {
        var (people, kills) = args is [var many, var often, ..] && int.TryParse(many, out var all) && int.TryParse(often, out var times) ? (all, times) : (People, Kills);
        var sound = true;
        foreach (var (_, provider, processes) in Services.Where(service => args.Length < 3 || service.Name == args[2]))
        {
            await using var database = await ChecksDatabase.CreateAsync(provider);
            await using var drill = new SendingDrill(provider, database.ConnectionString, database.Open, processes, seed: 11);
            var began = TimeProvider.System.GetTimestamp();
            var found = await drill.RunAsync(people, kills);
            Console.WriteLine($"{provider}, {processes} process(es), {TimeProvider.System.GetElapsedTime(began):mm\\:ss}\n{found}\n");
            sound &= found.IsSound;
        }
        return sound ? 0 : 1;
    }
}
