using System.Globalization;

namespace Automation.Templates.Functions;

/// <summary>The group <c>timespan</c>.</summary>
internal sealed class TimeSpanFunctions : FunctionGroup
{
    public TimeSpanFunctions() : base(8)
    {
        Define("timespan", "zero", "", static (in Call _) => TimeSpan.Zero);
        Define("timespan", "from_days", "days", static (in Call call) => TimeSpan.FromDays(call.Double(0)));
        Define("timespan", "from_hours", "hours", static (in Call call) => TimeSpan.FromHours(call.Double(0)));
        Define("timespan", "from_minutes", "minutes", static (in Call call) => TimeSpan.FromMinutes(call.Double(0)));
        Define("timespan", "from_seconds", "seconds", static (in Call call) => TimeSpan.FromSeconds(call.Double(0)));
        Define("timespan", "from_milliseconds", "millis", static (in Call call) => TimeSpan.FromMilliseconds(call.Double(0)));
        Define("timespan", "parse", "text", static (in Call call) => call.TextOrNull(0) is { } text ? TimeSpan.Parse(text, CultureInfo.InvariantCulture) : null);
    }
}
