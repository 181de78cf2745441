using System.Security.Cryptography;
using System.Text;

namespace Automation.SendGrid.StandIn;

internal static class Keys
{
    private const string Scheme = "Bearer ";

    /// <param name="context">Of the request.</param>
    /// <param name="apiKey">The only key; null takes any that is not empty.</param>
    public static bool Opens(HttpContext context, string? apiKey)
    {
        var header = context.Request.Headers.Authorization.ToString();
        if (!header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) || header.Length == Scheme.Length) return false;
        return apiKey is null
            || CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(header[Scheme.Length..]), Encoding.UTF8.GetBytes(apiKey));
    }
}
