using System.Globalization;
using Automation.Templates.Syntax;

namespace Automation.Templates.Analysis;

internal sealed partial class Analyzer
{
    /// <summary>What is surely there when the condition turns out as <paramref name="truth"/>.</summary>
    private List<string> FactsOf(Expression condition, bool truth)
    {
        Charge();
        switch (condition)
        {
            case Nested nested:
                return FactsOf(nested.Inner, truth);
            case UnaryExpression { Operator: UnaryOperator.Not } not:
                return FactsOf(not.Operand, !truth);
            case BinaryExpression { Operator: BinaryOperator.And or BinaryOperator.Or } both:
                var (left, right) = (FactsOf(both.Left, truth), FactsOf(both.Right, truth));
                return (both.Operator == BinaryOperator.And) == truth ? [.. left, .. right] : [.. left.Intersect(right)];
            case BinaryExpression { Operator: BinaryOperator.Equal } same:
                return OfComparison(same, truth);
            case BinaryExpression { Operator: BinaryOperator.NotEqual } other:
                return OfComparison(other, !truth);
            case BinaryExpression { Operator: > BinaryOperator.NotEqual and <= BinaryOperator.GreaterOrEqual } order:
                return truth ? [.. PathFacts(order.Left), .. PathFacts(order.Right)] : [];
            case BinaryExpression { Operator: BinaryOperator.IfPresent } present:
                return truth ? [.. PathFacts(present.Left), .. FactsOf(present.Right, truth)] : [];
            case MemberExpression { Name: "empty?" or "blank?" } empty:
                return truth ? [] : [.. PathFacts(empty.Target), .. PathFacts(empty.Target).Select(path => path + ".size")];
            case CallExpression { Arguments.Length: > 0 } call when BuiltinNameOf(call.Target) is "string.empty" or "string.whitespace":
                return truth ? [] : PathFacts(call.Arguments[0].Value);
            default:
                return truth ? PathFacts(condition) : [];
        }
    }

    private List<string> OfComparison(BinaryExpression comparison, bool isEqual)
    {
        var (path, constant) = comparison.Left is Literal ? (comparison.Right, comparison.Left) : (comparison.Left, comparison.Right);
        if (constant is GlobalVariable { Name: "empty" or "blank" }) return isEqual ? [] : PathFacts(path);
        if (constant is not Literal literal) return [];
        var isBlank = literal.Value is null or "" or 0 or false;
        return isEqual == isBlank ? [] : PathFacts(path);
    }

    /// <summary>The paths that an expression needs to be anything at all.</summary>
    private List<string> PathFacts(Expression expression)
    {
        var facts = new List<string>();
        switch (expression)
        {
            case Nested nested:
                return PathFacts(nested.Inner);
            case CallExpression { Arguments.Length: > 0 } call:
                facts.AddRange(PathFacts(call.Arguments[0].Value));
                if (BuiltinNameOf(call.Target) is "array.size" or "array.any" or "object.size") facts.AddRange(facts.Select(path => path + ".size").ToList());
                return facts;
            case BinaryExpression { Operator: BinaryOperator.And } both:
                return FactsOf(both, truth: true);
            case PathExpression path:
                AddPrefixes(facts, KeyOf(path));
                _quiet++;
                var value = path is GlobalVariable or LocalVariable or ArgumentVariable or MemberExpression or IndexerExpression && CalledFunction(path) is null ? Eval(path) : Seen.Nothing;
                _quiet--;
                if (value.Path is not null) AddPrefixes(facts, value.Path);
                return facts;
            default:
                return facts;
        }
    }

    // Asking what a function would give walks it once more for nothing.
    private Seen? CalledFunction(Expression path) => path is GlobalVariable global && _known.TryGet(global.Name, out var known) && known.Function is not null ? known : null;

    private static void AddPrefixes(List<string> facts, string? path)
    {
        if (path is null) return;
        for (var i = 1; i < path.Length; i++)
        {
            if (path[i] is '.' or '[') facts.Add(path[..i]);
        }
        facts.Add(path);
    }

    private static string? BuiltinNameOf(Expression target) =>
        target is MemberExpression { Target: GlobalVariable group } member ? $"{group.Name}.{member.Name}" : null;

    /// <summary>The path as written, without <c>?</c>; null when it is none.</summary>
    private string? KeyOf(Expression expression)
    {
        Charge();
        switch (expression)
        {
            case GlobalVariable global:
                return global.Name;
            case LocalVariable local:
                return LocalKey(local.Name);
            case ArgumentVariable { Index: ArgumentVariable.All }:
                return LocalKey(Arguments);
            case ArgumentVariable argument:
                return LocalKey(argument.Index.ToString(CultureInfo.InvariantCulture));
            case Nested nested:
                return KeyOf(nested.Inner);
            case MemberExpression member when KeyOf(member.Target) is { } owner:
                return $"{owner}.{member.Name}";
            case IndexerExpression { Index: Literal { Value: string name } } indexer when KeyOf(indexer.Target) is { } owner:
                return $"{owner}.{name}";
            case IndexerExpression { Index: Literal index } indexer when KeyOf(indexer.Target) is { } owner:
                return $"{owner}[{index.At.Text}]";
            default:
                return null;
        }
    }

    private string LocalKey(string name) => string.Create(CultureInfo.InvariantCulture, $"{_known.Locals.Id}${name}");
}
