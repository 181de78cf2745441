using Automation.Marketing;
using Automation.Marketing.Contacts.Outgoing;
using Automation.Marketing.Storage;
using Automation.Server.SignIn;
using Automation.Workflows.Activities;

namespace Automation.Server;

/// <summary>What the process was told (architecture §7), checked. A wrong setting stops the start and names itself.</summary>
internal sealed record Settings
{
    public required DatabaseProvider Provider { get; init; }
    public required string ConnectionString { get; init; }

    /// <summary>Where Quartz's and the stand-in's files are: setting <c>DataFolder</c>, else beside the database, else <c>data/</c>.</summary>
    public required string DataFolder { get; init; }

    public Uri? PublicUrl { get; init; }

    /// <summary>The path the service is reached under behind a proxy that keeps it, e.g. <c>/automation</c>; empty at the root.</summary>
    public PathString PathBase { get; init; }

    public DateTimeOffset? ClockStart { get; init; }
    public string? SendGridKey { get; init; }
    public Uri? SendGridAddress { get; init; }

    /// <summary><c>SendGrid:Timeout</c>: how long a call may take before its outcome counts as unknown; null: the client's own.</summary>
    public TimeSpan? SendGridTimeout { get; init; }

    public required IReadOnlyList<string> WebhookKeys { get; init; }
    public string? AdminPassword { get; init; }

    /// <summary>Keys of the ready-made calendars that a fresh service follows; <c>*</c>: all of them.</summary>
    public IReadOnlyList<string> Calendars { get; init; } = [];
    public string? ApiKey { get; init; }

    /// <summary>What flows may call: settings <c>Http:Hosts</c> (none by default), <c>Http:Timeout</c> (10 s) and <c>Http:MaxBytes</c> (100 kB) of one answer.</summary>
    public HttpAccess Http { get; init; } = new();

    /// <summary>The provider people may sign in with; null: passwords only.</summary>
    public OpenIdSettings? OpenId { get; init; }

    /// <summary>Whom other programs' events may be posted to: setting <c>Outgoing:Hosts</c> (any host outside by default).</summary>
    public OutgoingAccess Outgoing { get; init; } = new();

    public required string TemplatesFolder { get; init; }
    public required string WorkflowsFolder { get; init; }

    /// <summary>No key and no other address: mail goes to the stand-in in this process.</summary>
    public bool UsesOwnStandIn => SendGridKey is null && SendGridAddress is null;

    /// <exception cref="BadInputException">A setting is at fault.</exception>
    public static Settings Read(IConfiguration configuration, string contentRoot)
    {
        var provider = Word<DatabaseProvider>(configuration, "Database:Provider") ?? DatabaseProvider.Sqlite;
        var connection = configuration.GetConnectionString("Automation");
        if (provider is DatabaseProvider.PostgreSql && string.IsNullOrEmpty(connection))
            throw new BadInputException("ConnectionStrings:Automation", "must be set for PostgreSQL.");
        var file = Path.Combine(contentRoot, "data", "automation.db");
        connection = string.IsNullOrEmpty(connection) ? $"Data Source={file}" : connection;
        var key = configuration["SendGrid:ApiKey"] is { Length: > 0 } text ? text : null;
        var start = Instant(configuration, "Clock:Start");
        if (key is not null && start is not null) throw new BadInputException("Clock:Start", "cannot be used together with SendGrid:ApiKey: a moved clock never sends real mail.");
        return new Settings
        {
            Provider = provider,
            ConnectionString = connection,
            DataFolder = configuration["DataFolder"] is { Length: > 0 } folder ? folder
                : provider is DatabaseProvider.Sqlite ? FolderOf(connection) : Path.Combine(contentRoot, "data"),
            PublicUrl = Address(configuration, "PublicUrl"),
            PathBase = Base(configuration, "PathBase"),
            ClockStart = start,
            SendGridKey = key,
            SendGridAddress = Address(configuration, "SendGrid:BaseAddress"),
            SendGridTimeout = Duration(configuration, "SendGrid:Timeout"),
            WebhookKeys = configuration.GetSection("SendGrid:Webhook:PublicKeys").Get<string[]>() ?? [],
            AdminPassword = configuration["Setup:AdminPassword"],
            ApiKey = configuration["Setup:ApiKey"],
            Calendars = (configuration["Setup:Calendars"] ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
            Http = Calls(configuration),
            OpenId = OpenIdSettings.Read(configuration),
            Outgoing = new OutgoingAccess { Hosts = Hosts(configuration, "Outgoing:Hosts"), AllowsLoopback = key is null },
            TemplatesFolder = Shipped(contentRoot, "templates"),
            WorkflowsFolder = Shipped(contentRoot, "workflows"),
        };
    }

    // A run may keep what was answered, so an answer is no larger than a row should be.
    private static HttpAccess Calls(IConfiguration configuration) => new()
    {
        Hosts = Hosts(configuration, "Http:Hosts"),
        Timeout = configuration["Http:Timeout"] is not { Length: > 0 } text ? TimeSpan.FromSeconds(10)
            : TimeSpan.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var span) && span > TimeSpan.Zero && span <= TimeSpan.FromMinutes(1) ? span
            : throw new BadInputException("Http:Timeout", $"'{text}' is not a time like 00:00:10, at most 00:01:00."),
        MaxBytes = configuration["Http:MaxBytes"] is not { Length: > 0 } bytes ? 100_000
            : int.TryParse(bytes, System.Globalization.CultureInfo.InvariantCulture, out var most) && most is > 0 and <= 1_000_000 ? most
            : throw new BadInputException("Http:MaxBytes", $"'{bytes}' is not a number of bytes from 1 to 1000000."),
    };

    private static IReadOnlyList<string> Hosts(IConfiguration configuration, string setting) =>
    [
        .. (configuration.GetSection(setting).Get<string[]>() ?? []).Select(host => host.Trim()).Select(host =>
            host.Length is > 0 and <= 255 && !host.AsSpan().ContainsAny("/@ ?#") ? host : throw new BadInputException(setting, $"'{host}' is not a host like api.example.com, *.example.com or localhost:8080.")),
    ];

    private static string FolderOf(string connection)
    {
        var file = new Microsoft.Data.Sqlite.SqliteConnectionStringBuilder(connection).DataSource;
        return Path.GetDirectoryName(Path.GetFullPath(file))!;
    }

    // Beside the program when published, in the checkout while developing.
    internal static string Shipped(string contentRoot, string name) =>
        new[] { Path.Combine(contentRoot, name), Path.Combine(AppContext.BaseDirectory, name) }.FirstOrDefault(Directory.Exists)
        ?? Path.Combine(contentRoot, name);

    private static T? Word<T>(IConfiguration configuration, string setting) where T : struct, Enum => configuration[setting] switch
    {
        null or "" => null,
        var text when Enum.TryParse<T>(text, ignoreCase: true, out var word) && Enum.IsDefined(word) => word,
        var text => throw new BadInputException(setting, $"'{text}' must be one of {string.Join(", ", Enum.GetNames<T>())}."),
    };

    private static Uri? Address(IConfiguration configuration, string setting) => configuration[setting] switch
    {
        null or "" => null,
        var text when Uri.TryCreate(text.EndsWith('/') ? text : text + "/", UriKind.Absolute, out var url) && url.Scheme is "http" or "https" =>
            new Uri(text.EndsWith('/') ? text : text + "/"),
        var text => throw new BadInputException(setting, $"'{text}' is not an http or https address."),
    };

    private static PathString Base(IConfiguration configuration, string setting) => configuration[setting] switch
    {
        null or "" or "/" => PathString.Empty,
        var text when text.StartsWith('/') && !text.EndsWith('/') && !text.StartsWith("//", StringComparison.Ordinal) => new PathString(text),
        var text => throw new BadInputException(setting, $"'{text}' must begin with a slash and not end with one, like /automation."),
    };

    private static TimeSpan? Duration(IConfiguration configuration, string setting) => configuration[setting] switch
    {
        null or "" => null,
        var text when TimeSpan.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var span) && span >= TimeSpan.FromSeconds(1) && span <= TimeSpan.FromMinutes(5) => span,
        var text => throw new BadInputException(setting, $"'{text}' is not a time from 00:00:01 to 00:05:00."),
    };

    private static DateTimeOffset? Instant(IConfiguration configuration, string setting) => configuration[setting] switch
    {
        null or "" => null,
        var text when DateTimeOffset.TryParse(
            text, System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal, out var instant) => instant,
        var text => throw new BadInputException(setting, $"'{text}' is not an instant like 1998-07-01T10:00:00+09:00."),
    };
}
