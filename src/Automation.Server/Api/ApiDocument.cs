using System.Text.Json.Nodes;
using Automation.Server.SignIn;
using Automation.Server.Wording;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.OpenApi;

namespace Automation.Server.Api;

/// <summary>One route of the API, as the guide lists it.</summary>
internal sealed record ApiRoute(string Method, string Route);

/// <summary>The description of the API, for programs (OpenAPI) and for people (the guide): both from the routes as they are mapped.</summary>
internal static class ApiDocument
{
    private const string KeyScheme = "key";

    public static IServiceCollection AddApiDocument(this IServiceCollection services) => services.AddOpenApi(options =>
    {
        options.ShouldInclude = description => description.RelativePath?.StartsWith("api/", StringComparison.Ordinal) is true
            && !description.RelativePath.Contains("{**", StringComparison.Ordinal) && !description.RelativePath.Contains("{rest}", StringComparison.Ordinal);
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo { Title = "Automation", Version = "1" };
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal)
            {
                [KeyScheme] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "An API key" },
            };
            document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(KeyScheme, document)] = [] }];
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) =>
        {
            var method = context.Description.HttpMethod ?? "GET";
            if (context.Description.ActionDescriptor.EndpointMetadata.OfType<IRouteDiagnosticsMetadata>().FirstOrDefault()?.Route is not { } mapped) return Task.CompletedTask;
            var route = "/" + mapped.TrimStart('/').TrimEnd('/');
            var (words, roles) = (context.ApplicationServices.GetRequiredService<ApiWords>(), context.ApplicationServices.GetRequiredService<RoleWords>());
            operation.Summary = words.Of(method, route);
            if (Access.RuleFor(method, route) is { } rule) operation.Description = roles.List(rule.Roles);
            if (ApiWords.Example(method, route) is { } example)
            {
                operation.RequestBody = new OpenApiRequestBody
                {
                    Required = true,
                    Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal) { ["application/json"] = new() { Example = JsonNode.Parse(example) } },
                };
            }
            return Task.CompletedTask;
        });
    });

    /// <returns>The routes under <c>/api</c>, by address.</returns>
    public static IReadOnlyList<ApiRoute> Routes(EndpointDataSource endpoints) =>
    [
        .. endpoints.Endpoints.OfType<RouteEndpoint>()
            .SelectMany(endpoint => (endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? []).Select(method => new ApiRoute(method, Access.RouteOf(endpoint))))
            .Where(one => one.Route.StartsWith("/api/", StringComparison.Ordinal) && one.Route != "/api/openapi.json")
            .OrderBy(one => one.Route, StringComparer.Ordinal).ThenBy(one => one.Method, StringComparer.Ordinal),
    ];
}
