using System.Text.Json;

namespace Automation.SendGrid.StandIn;

/// <summary>SendGrid's own settings of the Event Webhook, for the one webhook there is here.</summary>
internal sealed class WebhookSettingsEndpoints(StandInOptions options, WebhookState webhook, WebhookPump pump)
{
    private const string Base = "/v3/user/webhooks/event/settings";

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet($"{Base}/signed/{{id?}}", context => Keyed(context, GetSignedAsync));
        routes.MapPatch($"{Base}/signed/{{id?}}", context => Keyed(context, PatchSignedAsync));
        routes.MapGet($"{Base}/all", context => Keyed(context, GetAllAsync));
        routes.MapPost(Base, context => Keyed(context, inner => PutAsync(inner, StatusCodes.Status201Created)));
        routes.MapGet($"{Base}/{{id?}}", context => Keyed(context, GetAsync));
        routes.MapPatch($"{Base}/{{id?}}", context => Keyed(context, inner => PutAsync(inner, StatusCodes.Status200OK)));
        routes.MapDelete($"{Base}/{{id}}", context => Keyed(context, DeleteAsync));
        routes.MapPost("/v3/user/webhooks/event/test", context => Keyed(context, PostTestAsync));
    }

    private Task Keyed(HttpContext context, Func<HttpContext, Task> handle)
    {
        if (!Keys.Opens(context, options.ApiKey))
            return Answers.ErrorAsync(context, StatusCodes.Status401Unauthorized, "The API key is missing or not known.");
        var id = context.GetRouteValue("id")?.ToString();
        return id is null or WebhookState.Id
            ? handle(context)
            : Answers.ErrorAsync(context, StatusCodes.Status404NotFound, "There is no such webhook.", "id");
    }

    private Task GetSignedAsync(HttpContext context) => context.Response.WriteAsJsonAsync(
        new SignedView(WebhookState.Id, webhook.Signed ? webhook.PublicKey : ""), SettingsJson.Default.SignedView);

    private async Task PatchSignedAsync(HttpContext context)
    {
        if (await ControlEndpoints.ReadAsync(context, SettingsJson.Default.SignedRequest) is not { } wanted) return;
        webhook.Signed = wanted.Enabled ?? webhook.Signed;
        await GetSignedAsync(context);
    }

    private Task GetAllAsync(HttpContext context) =>
        WriteAsync(context, $$"""{"max_allowed":1,"webhooks":[{{(webhook.Url is null ? "" : Settings())}}]}""");

    private Task GetAsync(HttpContext context) => WriteAsync(context, Settings());

    private static Task WriteAsync(HttpContext context, string json)
    {
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(json);
    }

    private string Settings()
    {
        var switches = EventKinds.All.Values.Select(kind => kind.Setting).Distinct();
        var settings = new Dictionary<string, object?>
        {
            ["id"] = WebhookState.Id,
            ["enabled"] = webhook.Url is not null,
            ["url"] = webhook.Url?.ToString() ?? "",
        };
        foreach (var one in switches) settings[one] = webhook.Wants(one);
        if (webhook.Signed) settings["public_key"] = webhook.PublicKey;
        return JsonSerializer.Serialize(settings);
    }

    private async Task PutAsync(HttpContext context, int status)
    {
        JsonDocument wanted;
        try
        {
            wanted = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
        }
        catch (JsonException)
        {
            await Answers.ErrorAsync(context, StatusCodes.Status400BadRequest, "The JSON cannot be read.");
            return;
        }

        using (wanted)
        {
            if (Apply(wanted.RootElement) is { } error)
            {
                await Answers.ErrorsAsync(context, StatusCodes.Status400BadRequest, [error]);
                return;
            }
        }

        pump.Wake();
        context.Response.StatusCode = status;
        await GetAsync(context);
    }

    private SendGridError? Apply(JsonElement wanted)
    {
        if (wanted.ValueKind is not JsonValueKind.Object) return new("An object is expected.");
        Uri? url = null;
        if (wanted.TryGetProperty("url", out var text) && !IsWeb(text, out url)) return new("An http or https address is expected.", "url");
        foreach (var setting in EventKinds.All.Values.Select(kind => kind.Setting).Distinct())
            if (wanted.TryGetProperty(setting, out var on)) webhook.Switch(setting, on.ValueKind is JsonValueKind.True);
        if (url is not null) webhook.Url = url;
        if (wanted.TryGetProperty("enabled", out var enabled) && enabled.ValueKind is JsonValueKind.False) webhook.Url = null;
        return null;
    }

    private static bool IsWeb(JsonElement text, out Uri? url)
    {
        url = null;
        return text.ValueKind is JsonValueKind.String
            && Uri.TryCreate(text.GetString(), UriKind.Absolute, out url)
            && url.Scheme is "http" or "https";
    }

    private Task DeleteAsync(HttpContext context)
    {
        webhook.Url = null;
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    // Events of a message that does not exist, as the settings page's test button sends them.
    private async Task PostTestAsync(HttpContext context)
    {
        if (await ControlEndpoints.ReadAsync(context, SettingsJson.Default.TestRequest) is not { } wanted) return;
        var url = wanted.Url is null ? webhook.Url : Uri.TryCreate(wanted.Url, UriKind.Absolute, out var given) ? given : null;
        if (url is null)
        {
            await Answers.ErrorAsync(context, StatusCodes.Status400BadRequest, "An address is expected.", "url");
            return;
        }

        await pump.SendAsync(url, WebhookPump.Body(TestEvents()), context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private List<PendingEvent> TestEvents()
    {
        var now = options.Clock.GetUtcNow();
        var facts = new RequestFacts("test@example.com", null, "[\"cat facts\"]"u8.ToArray(), null, null, false,
            [new MailFacts("example@test.com", null, null, null)]);
        var mail = new RecordedMail(new RecordedRequest("made-up-test-message-0", now, facts, default), 0, facts.Mails[0]);
        return [.. EventKinds.All.Keys.Select((type, index) =>
            new PendingEvent(index, type, now, EventMaker.Make(mail, new EventWish(type, now, "https://www.example.com/"), index).Json))];
    }
}
