using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;
using Automation.Marketing.Accounts;
using Automation.Server.Api;
using Microsoft.Extensions.Options;

namespace Automation.Server.SignIn;

/// <summary>Settings <c>Limits:…</c>: how much one key or one network address may ask for in a minute.</summary>
internal sealed class LimitOptions
{
    /// <summary>Requests to <c>/api</c> and <c>/workflows</c> with one key. Default 12,000.</summary>
    [Range(1, 10_000_000)]
    public int RequestsPerKey { get; init; } = 12_000;

    /// <summary>The same from one address, whatever their keys. Default 24,000.</summary>
    [Range(1, 10_000_000)]
    public int RequestsPerAddress { get; init; } = 24_000;

    /// <summary>Passwords, codes and links tried from one address. Default 30.</summary>
    [Range(1, 10_000_000)]
    public int SignInsPerAddress { get; init; } = 30;
}

/// <summary>Slows down who asks too much. The provider's events and recipients' refusals are never turned away.</summary>
internal static class Limits
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    public static IServiceCollection AddLimits(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<LimitOptions>().Bind(configuration.GetSection("Limits")).ValidateDataAnnotations().ValidateOnStart();
        services.AddRateLimiter(limiter =>
        {
            limiter.GlobalLimiter = PartitionedRateLimiter.CreateChained(
                PartitionedRateLimiter.Create<HttpContext, string>(ByKey),
                PartitionedRateLimiter.Create<HttpContext, string>(ByAddress),
                PartitionedRateLimiter.Create<HttpContext, string>(AtTheDoor));
            limiter.OnRejected = async (rejected, _) => await RefuseAsync(rejected.HttpContext, rejected.Lease);
        });
        return services;
    }

    private static RateLimitPartition<string> ByKey(HttpContext context) =>
        ApiProblems.Answers(context.Request.Path) && context.Request.Headers.Authorization is [{ Length: > 0 } key]
            ? Within(FirstStart.HashKey(key), OptionsOf(context).RequestsPerKey)
            : RateLimitPartition.GetNoLimiter("");

    private static RateLimitPartition<string> ByAddress(HttpContext context) =>
        ApiProblems.Answers(context.Request.Path) ? Within(AddressOf(context), OptionsOf(context).RequestsPerAddress) : RateLimitPartition.GetNoLimiter("");

    private static RateLimitPartition<string> AtTheDoor(HttpContext context) =>
        !HttpMethods.IsGet(context.Request.Method) && (context.Request.Path.StartsWithSegments("/sign-in", StringComparison.OrdinalIgnoreCase) || context.Request.Path.StartsWithSegments("/invite", StringComparison.OrdinalIgnoreCase))
            ? Within(AddressOf(context), OptionsOf(context).SignInsPerAddress)
            : RateLimitPartition.GetNoLimiter("");

    private static LimitOptions OptionsOf(HttpContext context) => context.RequestServices.GetRequiredService<IOptions<LimitOptions>>().Value;

    private static RateLimitPartition<string> Within(string partition, int requests) =>
        RateLimitPartition.GetFixedWindowLimiter(partition, _ => new FixedWindowRateLimiterOptions { PermitLimit = requests, Window = Window });

    // A household or a server has a whole /64 of IPv6 to come from.
    private static string AddressOf(HttpContext context) => context.Connection.RemoteIpAddress switch
    {
        null => "",
        { IsIPv4MappedToIPv6: true } mapped => mapped.MapToIPv4().ToString(),
        { AddressFamily: AddressFamily.InterNetworkV6 } six => new IPAddress([.. six.GetAddressBytes()[..8], 0, 0, 0, 0, 0, 0, 0, 0]).ToString(),
        var four => four.ToString(),
    };

    private static Task RefuseAsync(HttpContext context, RateLimitLease lease)
    {
        var wait = lease.TryGetMetadata(MetadataName.RetryAfter, out var known) ? known : Window;
        context.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        context.Response.StatusCode = StatusCodes.Status429TooManyRequests;
        return ApiProblems.Answers(context.Request.Path)
            ? TypedResults.Problem("Too many requests within a minute; wait as long as Retry-After says.", statusCode: StatusCodes.Status429TooManyRequests, title: "Slow down").ExecuteAsync(context)
            : Task.CompletedTask;
    }
}
