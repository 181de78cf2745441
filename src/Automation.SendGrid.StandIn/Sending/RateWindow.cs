using Microsoft.Extensions.Primitives;

namespace Automation.SendGrid.StandIn;

/// <summary>Counts requests in each second of the clock, for the <c>X-RateLimit</c> headers and, when asked for, the limit itself.</summary>
internal sealed class RateWindow(StandInOptions options)
{
    private const int Announced = 10_000;
    private static readonly StringValues AnnouncedText = Announced.ToString();
    private readonly Lock _gate = new();
    private readonly StringValues _limitText = options.RequestsPerSecond?.ToString() ?? AnnouncedText;
    private long _second;
    private int _used;
    private StringValues _resetText = "0";

    /// <returns>False when this request is one too many.</returns>
    public bool Enter(IHeaderDictionary headers)
    {
        var second = options.Clock.GetUtcNow().ToUnixTimeSeconds();
        int left;
        lock (_gate)
        {
            if (second != _second) (_second, _used, _resetText) = (second, 0, (second + 1).ToString());
            _used++;
            left = (options.RequestsPerSecond ?? Announced) - _used;
        }

        headers["X-RateLimit-Limit"] = _limitText;
        headers["X-RateLimit-Remaining"] = Math.Max(0, left).ToString();
        headers["X-RateLimit-Reset"] = _resetText;
        return left >= 0 || options.RequestsPerSecond is null;
    }
}
