using Automation.Marketing;
using Automation.Server.Wording;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Automation.Server.Studio;

/// <summary>
/// Answers for what cannot be done, as the designer shows them: a 400 whose <c>errors</c> hold one line for each thing to mend.
/// It has no words for any other status.
/// </summary>
internal static class StudioProblems
{
    /// <param name="errors">Lines by the step they belong to.</param>
    public static ProblemHttpResult Refused(IDictionary<string, string[]> errors) =>
        TypedResults.Problem(statusCode: StatusCodes.Status400BadRequest, title: "Not possible as it is", extensions: [new("errors", errors)]);

    public static ProblemHttpResult Refused(string message, string place = "flow") =>
        Refused(new Dictionary<string, string[]>(StringComparer.Ordinal) { [place] = [message] });

    public static ProblemHttpResult Refused(RuleBrokenException broken, Show show) => Refused(show.Rule(broken));

    public static ProblemHttpResult Refused(BadInputException bad) => Refused(bad.Message, bad.Place);

    public static ProblemHttpResult NotFound(string detail) =>
        TypedResults.Problem(detail, statusCode: StatusCodes.Status404NotFound, title: "Not found");

    /// <summary>Elsa's server has this; ours has not, and says so by name.</summary>
    public static ProblemHttpResult NotOffered(string what, string instead) =>
        TypedResults.Problem($"{what} is not part of this product. {instead}", statusCode: StatusCodes.Status501NotImplemented, title: "Not offered");
}
