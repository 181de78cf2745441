using Automation.Templates.Analysis;

namespace Automation.Marketing.Mail.Content.Lint;

/// <summary>Whether something is shown to everybody, not only in some branches.</summary>
internal static class Shown
{
    /// <param name="pieces">What a part prints.</param>
    /// <param name="root">The root of the model it comes from, such as <c>shop</c>: hiding it only where it is missing itself is no hiding.</param>
    /// <param name="isIt">Whether the piece at this index is what is sought.</param>
    public static bool ToEverybody(IReadOnlyList<TemplatePiece> pieces, string root, Func<int, bool> isIt)
    {
        var at = 0;
        return InSequence(pieces, root, isIt, ref at);
    }

    private static bool InSequence(IReadOnlyList<TemplatePiece> pieces, string root, Func<int, bool> isIt, ref int at)
    {
        var isShown = false;
        while (at < pieces.Count && pieces[at].Kind is not (TemplatePieceKind.BranchNext or TemplatePieceKind.BranchEnd))
        {
            if (pieces[at].Kind is TemplatePieceKind.BranchStart) isShown |= InBranches(pieces, root, isIt, ref at);
            else isShown |= isIt(at++);
        }
        return isShown;
    }

    private static bool InBranches(IReadOnlyList<TemplatePiece> pieces, string root, Func<int, bool> isIt, ref int at)
    {
        var start = pieces[at];
        var (inAll, inAny) = (true, false);
        while (at < pieces.Count && pieces[at].Kind is not TemplatePieceKind.BranchEnd)
        {
            var facts = pieces[at++].Paths;
            var isShown = InSequence(pieces, root, isIt, ref at);
            inAll &= isShown;
            inAny |= isShown && (start.IsFallback || (facts.Count > 0 && facts.All(fact => fact == root || fact.StartsWith(root + ".", StringComparison.Ordinal))));
        }
        at++;
        return inAll || inAny;
    }
}
