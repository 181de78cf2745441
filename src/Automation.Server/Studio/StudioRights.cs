using System.Security.Claims;
using Automation.Server.SignIn;

namespace Automation.Server.Studio;

/// <summary>Something the designer may do with what it was given; it offers only what is linked.</summary>
internal sealed record Link(string Href, string Rel, string Method);

/// <summary>What the designer may offer this person: everybody may look, <see cref="Access"/> says who may draw.</summary>
internal sealed record StudioRights(bool MayEdit)
{
    public static StudioRights Of(ClaimsPrincipal who) => new(Access.Allows(who, "POST", "/elsa/api/workflow-definitions"));

    // The designer takes a flow without the link "publish" for one that may only be looked at.
    public IReadOnlyList<Link> OfFlow(string definitionId)
    {
        var one = $"/workflow-definitions/{Uri.EscapeDataString(definitionId)}";
        List<Link> links = [new($"/workflow-definitions/by-definition-id/{Uri.EscapeDataString(definitionId)}", "self", "GET"), new(one + "/versions", "versions", "GET"), new(one + "/export", "export", "GET")];
        if (MayEdit)
        {
            links.AddRange(
            [
                new("/workflow-definitions", "save", "POST"), new(one + "/publish", "publish", "POST"), new(one + "/retract", "retract", "POST"),
                new(one + "/execute", "execute", "POST"), new(one, "delete", "DELETE"), new("/workflow-definitions/import", "import", "POST"),
            ]);
        }
        return links;
    }

    public IReadOnlyList<Link> OfList() => MayEdit
        ?
        [
            new("/workflow-definitions", "self", "GET"), new("/workflow-definitions", "create", "POST"),
            new("/bulk-actions/publish/workflow-definitions/by-definition-ids", "bulk-publish", "POST"),
            new("/bulk-actions/retract/workflow-definitions/by-definition-ids", "bulk-retract", "POST"),
            new("/bulk-actions/delete/workflow-definitions/by-definition-id", "bulk-delete", "POST"),
        ]
        : [new("/workflow-definitions", "self", "GET")];
}
