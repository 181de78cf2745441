using Automation.Marketing.Mail.Content;
using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Campaigns.Calendar;

/// <summary>
/// The calendar files of a folder. Those of the shop are followed as they are; those that are <see cref="CalendarFile.Ready"/>
/// wait until somebody chooses them: nobody's customers get a crab shop's mail because its file lies there.
/// </summary>
public sealed class CalendarShelf(string folder, TemplateCatalogue templates)
{
    /// <summary>In place of keys: every calendar.</summary>
    public const string All = "*";

    private IReadOnlyList<CalendarFile> files = [];

    /// <summary>The calendars to choose from.</summary>
    public IEnumerable<CalendarFile> Offers => files.Where(file => file.Ready);

    /// <summary>Reads the folder and brings what is followed up to date.</summary>
    /// <param name="chosen">Keys of ready ones that a service which follows none yet begins with; <see cref="All"/>: each.</param>
    /// <exception cref="BadInputException">A file is at fault, a followed one names a template that is not there, or nothing has a chosen key.</exception>
    public async Task LoadAsync(AutomationDb db, IReadOnlyCollection<string> chosen, DateTimeOffset now, CancellationToken cancellation)
    {
        files = await ReadAsync(cancellation);
        if (chosen.FirstOrDefault(key => key != All && !files.Any(file => file.Key == key)) is { } unknown)
            throw new BadInputException("Setup:Calendars", $"there is no calendar '{unknown}'.");
        var followed = await FollowedAsync(db, cancellation);
        var begins = followed.Count == 0;
        foreach (var file in files.Where(file => !file.Ready || followed.Contains(file.Key) || (begins && (chosen.Contains(All) || chosen.Contains(file.Key)))))
        {
            if (Lacking(file) is { } row) throw new BadInputException($"{file.Key}: occurrences '{row.Key}'", $"there is no template '{row.Template}'.");
            await SeasonCalendar.LoadAsync(db, file, now, cancellation);
        }
    }

    /// <summary>Keys of the calendars that are followed.</summary>
    public static async Task<IReadOnlySet<string>> FollowedAsync(AutomationDb db, CancellationToken cancellation) =>
        (await db.Settings.AsNoTracking().Where(setting => setting.Key.StartsWith(SeasonCalendar.SettingPrefix)).Select(setting => setting.Key).ToListAsync(cancellation))
        .Select(key => key[SeasonCalendar.SettingPrefix.Length..]).ToHashSet(StringComparer.Ordinal);

    /// <summary>From now on its mailings are planned, and go out by themselves. What is open already waits for approval.</summary>
    /// <exception cref="RuleBrokenException">It is not offered, followed already, or one of its templates has been retired.</exception>
    public async Task FollowAsync(AutomationDb db, string key, string by, DateTimeOffset now, CancellationToken cancellation)
    {
        var file = Offered(key);
        if (Lacking(file) is { } row) throw new RuleBrokenException($"This calendar sends '{row.Template}', which has been retired. Bring that template back first.");
        await using var transaction = await db.BeginWriteAsync(cancellation);
        if ((await FollowedAsync(db, cancellation)).Contains(key)) throw new RuleBrokenException("This calendar is followed already.");
        await SeasonCalendar.TakeInAsync(db, file, now, cancellation);
        await Audit.WriteAsync(db, by, "calendar.followed", key, reason: null, before: null, file, now, cancellation);
        await transaction.CommitAsync(cancellation);
    }

    /// <summary>Nothing more goes out by it. Its days stay: flows may hang on them.</summary>
    /// <exception cref="RuleBrokenException">It is not offered, or not followed.</exception>
    public async Task LeaveAsync(AutomationDb db, string key, string by, DateTimeOffset now, CancellationToken cancellation)
    {
        var file = Offered(key);
        await using var transaction = await db.BeginWriteAsync(cancellation);
        if (await db.ExecuteAsync("DELETE FROM settings WHERE key = @p0", cancellation, SeasonCalendar.SettingPrefix + key) == 0)
            throw new RuleBrokenException("This calendar is not followed.");
        await SeasonCalendar.PlanAsync(db, now, cancellation);
        await Audit.WriteAsync(db, by, "calendar.left", key, reason: null, file, after: null, now, cancellation);
        await transaction.CommitAsync(cancellation);
    }

    private CalendarFile Offered(string key) =>
        Offers.FirstOrDefault(file => file.Key == key) ?? throw new RuleBrokenException($"There is no ready-made calendar '{key}'.");

    // A template that nothing sends may be retired, and then only calendars that nobody follows name it.
    private CalendarFile.OccurrenceRow? Lacking(CalendarFile file) => file.Occurrences.FirstOrDefault(row => templates.Find(row.Template) is null);

    private async Task<IReadOnlyList<CalendarFile>> ReadAsync(CancellationToken cancellation)
    {
        if (!Directory.Exists(folder)) return [];
        var read = new List<CalendarFile>();
        foreach (var path in Directory.EnumerateFiles(folder, "*.calendar.json").Order(StringComparer.Ordinal))
            read.Add(CalendarFile.Parse(await File.ReadAllTextAsync(path, cancellation), Path.GetFileName(path)));
        return read;
    }
}
