using System.Text.Json;
using Automation.Marketing;

namespace Automation.Server.Api;

/// <summary>Reads a request's JSON so that every fault is named with its place.</summary>
internal static class RequestJson
{
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 32 };

    /// <exception cref="JsonException">The body is no JSON.</exception>
    /// <exception cref="BadInputException">The body is not declared as JSON.</exception>
    public static async Task<JsonDocument> ReadAsync(HttpRequest request, CancellationToken cancellation)
    {
        if (!request.HasJsonContentType()) throw new BadInputException("Content-Type", "must be application/json.");
        return await JsonDocument.ParseAsync(request.Body, Strict, cancellation);
    }
}
