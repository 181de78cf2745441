using System.Text.Json;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Wording;

/// <summary>What was done, as people read it.</summary>
internal sealed class AuditWords(IStringLocalizer words)
{
    public string Of(string what) => what switch
    {
        "user.invited" => words["Invited"],
        "user.link" => words["Link for a new password made"],
        "user.password" => words["Password set"],
        "database.restored" => words["Restored from a backup"],
        "user.role" => words["Role changed"],
        "user.disabled" => words["Person disabled"],
        "user.enabled" => words["Person let in again"],
        "user.locked" => words["Locked after wrong passwords"],
        "user.signed-in" => words["Signed in"],
        "user.sessions-ended" => words["Sessions ended"],
        "user.second-factor" => words["Second factor changed"],
        "user.recovery-code" => words["Recovery code used"],
        "key.made" => words["API key made"],
        "key.revoked" => words["API key revoked"],
        "endpoint.made" => words["System added that is told of events"],
        "endpoint.changed" => words["System that is told of events changed"],
        "endpoint.secret" => words["New secret for a system"],
        "endpoint.paused" => words["Telling a system paused"],
        "endpoint.resumed" => words["Telling a system goes on"],
        "endpoint.removed" => words["System removed"],
        "endpoint.replayed" => words["Events sent again"],
        "template.published" => words["Template published"],
        "template.retired" => words["Template retired"],
        "template.returned" => words["Template taken back into use"],
        "flow.published" => words["Flow published"],
        "flow.retracted" => words["Flow retracted"],
        "flow.reverted" => words["Flow reverted"],
        "flow.deleted" => words["Flow deleted"],
        "flow.paused" => words["Flow paused"],
        "flow.resumed" => words["Flow resumed"],
        "flow.stopped" => words["Flow stopped"],
        "flow.migrated" => words["People moved to another version"],
        "flow.entry-held" => words["Entry held by the guard"],
        "flow.entry-released" => words["Entry released"],
        "flow.exported" => words["Flow exported"],
        "scoring.published" => words["Scoring rules changed"],
        "journey.published" => words["Rules of the journey map changed"],
        "leads.settings" => words["Who gets leads changed"],
        "lead.seasonal" => words["Seasonal mail to a lead allowed or stopped"],
        "policy.published" => words["Sending rules changed"],
        "consent-policy.changed" => words["Grounds for mailing changed"],
        "limits.exempted" => words["Mailing exempted from limits"],
        "suppression.added" => words["Address put on the list of who is never mailed"],
        "suppression.removed" => words["Address taken off the list of who is never mailed"],
        "company.marked" => words["Company marked"],
        "domain.checked" => words["Sender domain checked"],
        "sender.changed" => words["Sender's details changed"],
        "sending-speed.changed" => words["Speed of sending changed"],
        "sending.stopped" => words["Real sending switched off"],
        "address.asked" => words["Confirmation code mailed"],
        "address.confirmed" => words["Own address confirmed"],
        "sending.live" => words["Real sending switched on"],
        "user.provider" => words["Known to the sign-in provider"],
        "consent.asked" => words["Confirmation of consent asked for"],
        "consent.withdrawn" => words["Consent withdrawn for a person"],
        "suppression.exported" => words["List of who is never mailed exported"],
        "calendar.followed" => words["Calendar taken into use"],
        "calendar.left" => words["Calendar left"],
        "broadcast.carried-on" => words["Broadcast carried on after a start of the service"],
        "import" => words["File imported"],
        "hold-out.set" => words["Share held out for the year changed"],
        "weekly-mail.set" => words["Monday mail changed"],
        "calendar.taken-over" => words["Calendar taken over to the next year"],
        "our-year.made" => words["Our year made"],
        "our-year.undone" => words["Our year taken back"],
        _ => what,
    };

    /// <summary>What was there, line by line.</summary>
    /// <param name="json">As an entry keeps it; null: nothing was there.</param>
    public static IEnumerable<string> Lines(string? json)
    {
        if (json is null) return [];
        using var read = JsonDocument.Parse(json);
        return read.RootElement.ValueKind is JsonValueKind.Object
            ? [.. read.RootElement.EnumerateObject().Where(one => one.Value.ValueKind is not JsonValueKind.Null).Select(one => $"{one.Name}: {one.Value}")]
            : [json];
    }
}
