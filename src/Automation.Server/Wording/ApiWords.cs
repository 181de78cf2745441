using Microsoft.Extensions.Localization;

namespace Automation.Server.Wording;

/// <summary>What each route of the API is for, in a line, and what one may send it.</summary>
internal sealed class ApiWords(IStringLocalizer words)
{
    /// <returns>Empty for a route that has no line here.</returns>
    public string Of(string method, string route) => (method, route) switch
    {
        ("POST", "/api/events") => words["Takes something that a person did: a sign-up, an order, a question. The same source and id twice does nothing twice."],
        ("POST", "/api/events/batch") => words["Takes up to a thousand events together, all or none."],
        ("GET", "/api/contacts") => words["Finds people by mail address or your own id, or lists who changed since an instant (updatedSince)."],
        ("GET", "/api/contacts/{id:guid}") => words["What is known about a person."],
        ("GET", "/api/contacts/{id:guid}/consent") => words["What a person has agreed to, and every line of proof."],
        ("GET", "/api/contacts/{id:guid}/timeline") => words["What happened with a person, newest first."],
        ("GET", "/api/messages") => words["A person's mails."],
        ("GET", "/api/messages/{id:guid}") => words["One mail: its state, why, and what the recipient did."],
        ("GET", "/api/deals") => words["Deals in the order of their last change, for systems that keep in step (updatedSince, status, owner)."],
        ("GET", "/api/deals/{id}") => words["One deal, by its key or our id."],
        ("PUT", "/api/deals/{key}") => words["Makes a deal or changes it. The same twice does nothing twice; If-Match keeps you from overwriting what you have not seen."],
        ("PUT", "/api/deals/{key}/won") => words["Says that a deal was won."],
        ("PUT", "/api/deals/{key}/lost") => words["Says that a deal was lost, and why."],
        ("GET", "/api/lifecycle") => words["Steps of people's life cycles in the order in which they were taken (since)."],
        ("POST", "/api/deals/{id}/hand-back") => words["Sales hands a cold deal back to nurturing, with the reason."],
        ("POST", "/api/deals/hand-backs") => words["Hands several cold deals back for the same reason, each on its own."],
        ("GET", "/api/contacts/{id:guid}/complaints") => words["What a person complained of, and how it was dealt with."],
        ("POST", "/api/contacts/{id:guid}/complaints") => words["Opens a complaint: nobody sells to the person until it is closed, and some time after."],
        ("PUT", "/api/contacts/{id:guid}/complaints/{complaint:guid}/closure") => words["Closes a complaint, with how it was dealt with."],
        ("DELETE", "/api/deals/hand-backs/{id:guid}") => words["Takes a hand-back back, until its first mail has left."],
        ("GET", "/api/leads") => words["Who is hot now, the hottest first."],
        ("GET", "/api/leads/{contact:guid}") => words["A person's score with every touch that counts, and the last hand-off."],
        ("POST", "/api/leads/{contact:guid}/acceptance") => words["Sales takes a lead."],
        ("POST", "/api/leads/{contact:guid}/rejection") => words["Sales returns a lead to nurturing, with the reason."],
        ("POST", "/api/audiences/count") => words["How many people an audience has now."],
        ("POST", "/api/broadcasts") => words["Plans one mail to many: at once, at an hour of everyone's own clock, at a pace, in two versions, with people held out; over a limit people are skipped or wait (overCap: defer)."],
        ("GET", "/api/broadcasts/{id:guid}") => words["A broadcast as it was asked for, and its count of everyone: by state and rule, by version, by zone, beside those held out, on paper."],
        ("DELETE", "/api/broadcasts/{id:guid}") => words["Stops a broadcast; who has it keeps it."],
        ("GET", "/api/flows/{flow}") => words["A flow and how many are in it."],
        ("PUT", "/api/flows/{flow}/pause") => words["Pauses a flow."],
        ("DELETE", "/api/flows/{flow}/pause") => words["Lets a flow go on."],
        ("DELETE", "/api/flows/{flow}/entry-hold") => words["Lets those enter whom the guard held back."],
        ("DELETE", "/api/flows/{flow}/runs") => words["Ends a flow for everybody in it."],
        ("DELETE", "/api/flows/{flow}/runs/{run:guid}") => words["Ends a flow for one person."],
        ("PUT", "/api/flows/{flow}/runs/{run:guid}/pause") => words["Pauses a flow for one person."],
        ("DELETE", "/api/flows/{flow}/runs/{run:guid}/pause") => words["Lets a flow go on for one person."],
        ("POST", "/api/flows/{flow}/migrations/preview") => words["What moving people to another version would do."],
        ("POST", "/api/flows/{flow}/migrations") => words["Moves people to another version."],
        ("GET", "/api/flows/{flow}/jobs/{job:guid}") => words["How far such a move is."],
        ("GET", "/api/clock") => words["What time it is for the service."],
        ("POST", "/api/contacts/{id:guid}/opt-in") => words["Mails a person the link that confirms the wish to get mail."],
        ("DELETE", "/api/contacts/{id:guid}/consent") => words["Writes that a person wants no more marketing mail."],
        ("POST", "/api/clock") => words["Moves the clock of a trial on."],
        _ => "",
    };

    /// <returns>A body that one may send; null where there is none.</returns>
    public static string? Example(string method, string route) => (method, route) switch
    {
        ("POST", "/api/events") => """{"source":"shop","id":"order-1001","type":"order.placed","contact":{"email":"hanako@example.com"},"data":{"total":12800}}""",
        ("POST", "/api/events/batch") => """{"events":[{"source":"shop","id":"signup-7","type":"lead.created","contact":{"email":"hanako@example.com","name":"山田 花子","language":"ja","consent":{"basis":"opt-in","evidence":"form v1"}}}]}""",
        ("PUT", "/api/deals/{key}") => """{"contact":{"externalId":"C-1001"},"stage":"見積","owner":"tanaka","amount":480000,"nextAction":"電話","nextActionOn":"2027-04-01"}""",
        ("PUT", "/api/deals/{key}/won") => "{}",
        ("PUT", "/api/deals/{key}/lost") => """{"reason":"budget"}""",
        ("POST", "/api/deals/{id}/hand-back") => """{"reason":"too-early","revisitOn":"2027-04-01","note":"next budget"}""",
        ("POST", "/api/deals/hand-backs") => """{"deals":["D-1001","D-1002"],"reason":"budget"}""",
        ("POST", "/api/contacts/{id:guid}/complaints") => """{"text":"The parcel arrived thawed.","wholeCompany":false}""",
        ("PUT", "/api/contacts/{id:guid}/complaints/{complaint:guid}/closure") => """{"handling":"Sent again by frozen transport."}""",
        ("POST", "/api/leads/{contact:guid}/acceptance") => """{"owner":"山田 花子"}""",
        ("POST", "/api/leads/{contact:guid}/rejection") => """{"reason":"budget","revisitOn":"2027-04-01","note":"next budget"}""",
        ("POST", "/api/audiences/count") => """{"tags":["crab"]}""",
        ("POST", "/api/broadcasts") => """{"name":"Newsletter","template":"newsletter/monthly","audience":{"tags":["crab"]},"overCap":"defer","validUntil":"2026-11-13T00:00:00Z","options":{"local":{"at":"2026-11-06T10:00","past":"tomorrow"},"perHour":6000,"test":{"of":"subject","a":"","b":"The season opens","share":20,"hours":24,"by":"clicks","least":100},"holdOutPercent":5,"onPaper":false}}""",
        ("POST", "/api/clock") => """{"advance":"P1D"}""",
        _ => null,
    };
}
