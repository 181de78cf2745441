namespace Automation.Marketing.Imports;

/// <summary>Makes the error that refuses a whole file, its phrase and facts apart so that an edge can say it in another language.</summary>
public static class FileFault
{
    private const string Phrase = "phrase";
    private const string Facts = "facts";

    internal static BadInputException At(string file, long line, int column, RulePhrase problem) => Of($"{file}({line},{column})", problem);

    internal static BadInputException Of(string place, RulePhrase problem)
    {
        var fault = new BadInputException(place, problem.ToString());
        fault.Data[Phrase] = problem.Phrase;
        fault.Data[Facts] = problem.Facts.Select(fact => fact?.ToString() ?? "").ToArray();
        return fault;
    }

    /// <summary>The problem with <c>{0}</c>, … where the facts stand; the problem itself when it is none of an import's.</summary>
    public static (string Phrase, IReadOnlyList<object?> Facts) Of(BadInputException fault) =>
        fault.Data[Phrase] is string phrase ? (phrase, (string[])fault.Data[Facts]!) : ("{0}", [fault.Problem]);
}
