using Automation.Marketing.Campaigns.Calendar;
using Automation.Marketing.Storage;
using Microsoft.Data.Sqlite;

namespace Automation.Server.Commands.FlowTrials;

/// <summary>The program on a throw-away database, with what a try-out of flows puts in the place of the outside world.</summary>
/// <param name="Folder">Holds the database and the flows; whoever made it removes it.</param>
/// <param name="Replace">Registers over the program's own services.</param>
internal sealed record Trial(string Folder, Action<IServiceCollection> Replace)
{
    public string WorkflowsFolder => Path.Combine(Folder, "workflows");

    public Settings Apply(Settings settings, ILoggingBuilder logging)
    {
        // What a run does is told by its trace; the trace is all that is written.
        logging.ClearProviders();
        return settings with
        {
            Provider = DatabaseProvider.Sqlite,
            ConnectionString = new SqliteConnectionStringBuilder { DataSource = Path.Combine(Folder, "trial.db"), Pooling = true }.ToString(),
            DataFolder = Folder,
            WorkflowsFolder = WorkflowsFolder,
            SendGridKey = null,
            Calendars = [CalendarShelf.All],
            AdminPassword = "trial-" + Guid.NewGuid().ToString("N"),
        };
    }
}
