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
        "import" => words["File imported"],
        "hold-out.set" => words["Share held out for the year changed"],
        "weekly-mail.set" => words["Monday mail changed"],
        "calendar.taken-over" => words["Calendar taken over to the next year"],
        "our-year.made" => words["Our year made"],
        "our-year.undone" => words["Our year taken back"],
        _ => what,
    };
}
