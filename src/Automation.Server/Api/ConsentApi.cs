using System.Security.Claims;
using System.Text.Json;
using Automation.Marketing;
using Automation.Marketing.Contacts.Consent;
using Automation.Marketing.Mail.Delivery;
using Automation.Marketing.Mail.OptIn;
using Automation.Marketing.Mail.Suppression;
using Automation.Marketing.Storage;
using Automation.Server.Work;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Automation.Server.Api;

/// <summary>Forms and shops hand on what a person said about being mailed.</summary>
internal static class ConsentApi
{
    private static readonly JsonSerializerOptions Strict = new(JsonSerializerOptions.Web) { UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow };

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapPost("/contacts/{id:guid}/opt-in", PostOptInAsync).ProducesProblem(StatusCodes.Status400BadRequest);
        api.MapDelete("/contacts/{id:guid}/consent", DeleteAsync);
    }

    /// <summary>Double opt-in: the person gets a mail with a link, and counts as agreed once they press its button.</summary>
    internal static async Task<Results<Accepted<OptInView>, NotFound>> PostOptInAsync(
        Guid id, HttpRequest request, AutomationDb db, LinkFactory links, WorkLoops work, TimeProvider clock, ClaimsPrincipal who, CancellationToken cancellation)
    {
        var wanted = await ReadAsync(request, cancellation);
        if (!await db.Contacts.AnyAsync(contact => contact.Id == id && contact.Email != null, cancellation)) return TypedResults.NotFound();
        OptInAnswer answer;
        await using (var transaction = await db.BeginWriteAsync(cancellation))
        {
            var said = new Said("api:" + wanted.Source, null, wanted.IpAddress, wanted.UserAgent, who.Identity!.Name!);
            answer = await DoubleOptIn.AskAsync(
                db, await links.ForAsync(db, cancellation), id, wanted.Topic ?? "", wanted.Wording, said, clock.GetUtcNow(), cancellation);
            await Audit.WriteAsync(db, said.Actor, "consent.asked", id.ToString(), before: null, new { wanted.Topic, wanted.Source, Answer = answer.ToString() }, clock.GetUtcNow(), cancellation);
            await transaction.CommitAsync(cancellation);
        }
        work.Wake();
        return TypedResults.Accepted($"/api/contacts/{id}/consent", new OptInView(answer.ToString()));
    }

    /// <summary>The person wants no more marketing mail, or none about one topic.</summary>
    internal static async Task<Results<NoContent, NotFound>> DeleteAsync(
        Guid id, AutomationDb db, WorkLoops work, TimeProvider clock, ClaimsPrincipal who, CancellationToken cancellation, string? topic = null, string? source = null)
    {
        Checked(topic, "topic", 64);
        Checked(source, "source", 80);
        if (!await db.Contacts.AnyAsync(contact => contact.Id == id, cancellation)) return TypedResults.NotFound();
        var now = clock.GetUtcNow();
        await using (var transaction = await db.BeginWriteAsync(cancellation))
        {
            await Refusals.WithdrawAsync(db, id, topic ?? "", new Said("api:" + (source ?? who.Identity!.Name!), Actor: "person"), now, now, cancellation);
            await Audit.WriteAsync(db, who.Identity!.Name!, "consent.withdrawn", id.ToString(), before: null, new { Topic = topic, Source = source }, now, cancellation);
            await transaction.CommitAsync(cancellation);
        }
        work.Wake();
        return TypedResults.NoContent();
    }

    private static async Task<OptInRequest> ReadAsync(HttpRequest request, CancellationToken cancellation)
    {
        using var json = await RequestJson.ReadAsync(request, cancellation);
        try
        {
            var wanted = json.Deserialize<OptInRequest>(Strict) ?? throw new BadInputException("(body)", "must be an object.");
            if (string.IsNullOrWhiteSpace(wanted.Source)) throw new BadInputException("source", "is missing: where the person entered the address.");
            Checked(wanted.Source, "source", 80);
            Checked(wanted.Topic, "topic", 64);
            Checked(wanted.Wording, "wording", ConsentEntry.MaxWording);
            Checked(wanted.IpAddress, "ipAddress", 64);
            Checked(wanted.UserAgent, "userAgent", ConsentEntry.MaxUserAgent);
            return wanted;
        }
        catch (JsonException bad)
        {
            throw new BadInputException(bad.Path?.TrimStart('$', '.') is { Length: > 0 } field ? field : "(body)", "is not a declared field, or has the wrong type.");
        }
    }

    private static void Checked(string? text, string field, int maxLength)
    {
        if (text?.Length > maxLength) throw new BadInputException(field, $"is longer than {maxLength} characters.");
        if (text?.AsSpan().IndexOfAny("\0,") >= 0 && field is "topic") throw new BadInputException(field, "holds a comma or a NUL; name one topic.");
        if (text?.Contains('\0', StringComparison.Ordinal) is true) throw new BadInputException(field, "contains a NUL character.");
    }
}

/// <param name="Wording">Version of the words that the person saw.</param>
internal sealed record OptInRequest(string? Source, string? Topic, string? Wording, string? IpAddress, string? UserAgent);

/// <param name="Answer"><c>Asked</c>, <c>AskedShortlyBefore</c> or <c>AgreedAlready</c>.</param>
internal sealed record OptInView(string Answer);
