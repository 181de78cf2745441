using System.Globalization;
using System.Text.Json;
using System.Xml;
using Automation.Marketing;
using Automation.Server.Clock;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Automation.Server.Api;

/// <summary>The clock; on a moved one (<c>Clock:Start</c>), trials move it on.</summary>
internal static class ClockApi
{
    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/clock", (TimeProvider clock, IDemoClock demo) => TypedResults.Ok(new ClockView(clock.GetUtcNow(), demo.CanMove)));
        api.MapPost("/clock", PostAsync).ProducesProblem(StatusCodes.Status409Conflict);
    }

    /// <summary><c>{"advance": "P1D"}</c> or <c>{"to": instant}</c>: answers when all that was due on the way is done.</summary>
    internal static async Task<Ok<ClockView>> PostAsync(HttpRequest request, TimeProvider clock, IServiceProvider services, CancellationToken cancellation)
    {
        using var json = await RequestJson.ReadAsync(request, cancellation);
        if (services.GetService<TimeTravel>() is not { } travel) throw new RuleBrokenException("This clock is real and cannot be moved.");
        await travel.MoveToAsync(Target(json.RootElement, clock.GetUtcNow()), cancellation);
        return TypedResults.Ok(new ClockView(clock.GetUtcNow(), CanMove: true));
    }

    private static DateTimeOffset Target(JsonElement json, DateTimeOffset now)
    {
        if (json.ValueKind is JsonValueKind.Object && json.TryGetProperty("advance", out var advance) && advance.ValueKind is JsonValueKind.String)
        {
            try
            {
                return now + XmlConvert.ToTimeSpan(advance.GetString()!);
            }
            catch (FormatException)
            {
                throw new BadInputException("advance", "is not an ISO 8601 duration like P1D.");
            }
        }
        return json.ValueKind is JsonValueKind.Object && json.TryGetProperty("to", out var to) && to.ValueKind is JsonValueKind.String
            && DateTimeOffset.TryParse(to.GetString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant)
            ? instant
            : throw new BadInputException("(body)", "needs 'advance' (a duration) or 'to' (an instant).");
    }
}

internal sealed record ClockView(DateTimeOffset Now, bool CanMove);
