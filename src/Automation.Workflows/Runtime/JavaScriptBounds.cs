using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.RegularExpressions;
using Jint;
using Jint.Native;
using Jint.Native.Array;
using Jint.Native.Function;
using Jint.Native.Object;
using Jint.Native.RegExp;
using Jint.Runtime;
using Jint.Runtime.Descriptors;
using Jint.Runtime.Interop;

namespace Automation.Workflows.Runtime;

/// <summary>Beyond a limit: no script can catch this one.</summary>
internal sealed class JavaScriptLimitException(string message) : Exception(message);

/// <summary>Puts bounded functions in the place of those natives that can take time or memory without end.</summary>
/// <remarks>The engine counts statements; what one native call does between two statements it does not see. So lengths are checked before a
/// native loops over them, text before it grows, and memory at each statement.</remarks>
internal sealed class JavaScriptBounds(Engine engine)
{
    private const int MaxText = 1_000_000;
    private const int MaxItems = 100_000;
    private const int MaxPattern = 1_000;
    private const int MaxDepth = 50;
    private const int MaxDateParts = 100_000;
    private const double MaxMilliseconds = 1e11;
    private const long MaxWork = 5_000_000;
    private const long MaxBytes = 64 * 1024 * 1024;
    private static readonly TimeSpan MaxMatchTime = TimeSpan.FromMilliseconds(100);
    private readonly long bytesBefore = GC.GetAllocatedBytesForCurrentThread();
    private long work;
    private int depth;

    public void Install()
    {
        engine.Step += (_, _) =>
        {
            CheckMemory();
            return Jint.Runtime.Debugger.StepMode.Into;
        };
        Hidden(JavaScriptRewriter.Add, (_, arguments) => Add(arguments[0], arguments[1]));
        Hidden(JavaScriptRewriter.AddTo, (_, arguments) => AddTo(arguments[0], arguments[1], arguments[2]));
        Hidden(JavaScriptRewriter.RegExp, (_, arguments) => Literal(arguments[0].AsString()));
        NoNewCode();
        Arrays();
        Strings();
        Patterns();
        Json();
        Dates();
        Wrap(engine.Function.PrototypeObject, "apply", (self, arguments, native) =>
        {
            if (arguments.Length > 1 && arguments[1].IsObject()) Items(arguments[1]);
            return native(self, arguments);
        });
        foreach (var name in Names(engine.Object)) Wrap(engine.Object, name, Counted);
    }

    private void CheckMemory()
    {
        if (GC.GetAllocatedBytesForCurrentThread() - bytesBefore > MaxBytes) throw new JavaScriptLimitException("it uses too much memory");
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack()) throw new JavaScriptLimitException("it calls itself too deeply");
    }

    private void Spend(long amount)
    {
        work += amount;
        if (work > MaxWork) throw new JavaScriptLimitException("it does too much");
    }

    // ---- text ----

    private JsValue Add(JsValue left, JsValue right)
    {
        var (a, b) = (TypeConverter.ToPrimitive(left), TypeConverter.ToPrimitive(right));
        return a.IsString() || b.IsString()
            ? new JsValue(Join(TypeConverter.ToString(a), TypeConverter.ToString(b)))
            : new JsValue(TypeConverter.ToNumber(a) + TypeConverter.ToNumber(b));
    }

    private JsValue AddTo(JsValue owner, JsValue key, JsValue value)
    {
        var target = TypeConverter.ToObject(engine, owner);
        var name = TypeConverter.ToString(key);
        var sum = Add(target.Get(name), value);
        target.Put(name, sum, false);
        return sum;
    }

    private string Join(string left, string right)
    {
        Text(left.Length + (long)right.Length);
        return left + right;
    }

    private void Text(long length)
    {
        if (length > MaxText) throw new JavaScriptLimitException($"a text would be longer than {MaxText} characters");
        Spend(length / 8);
    }

    private void Strings()
    {
        var prototype = engine.String.PrototypeObject;
        foreach (var name in Names(prototype)) Wrap(prototype, name, Measured);
        Wrap(prototype, "concat", (self, arguments, _) => new JsValue(arguments.Aggregate(Of(self), (text, next) => Join(text, Of(next)))));
        Wrap(prototype, "replace", Replace);
        foreach (var name in new[] { "match", "search", "split" })
        {
            Wrap(prototype, name, (self, arguments, native) =>
            {
                var text = Of(self);
                if (text.Length > MaxItems) throw new JavaScriptLimitException($"'{name}' works on texts of up to {MaxItems} characters");
                arguments = Pattern(arguments);
                // These two read text as a pattern; made here, it is bounded too.
                if (name != "split" && arguments.Length > 0 && arguments[0].IsString()) arguments[0] = Bound(engine.RegExp.Construct([arguments[0]]));
                return native(new JsValue(text), arguments);
            });
        }
    }

    private JsValue Measured(JsValue self, JsValue[] arguments, Native native)
    {
        if (self.IsString()) Text(self.AsString().Length);
        var result = native(self, arguments);
        if (result.IsString()) Text(result.AsString().Length);
        return result;
    }

    // The result may be the text times the replacement: bounded before it is built.
    private JsValue Replace(JsValue self, JsValue[] arguments, Native native)
    {
        var text = Of(self);
        arguments = Pattern(arguments);
        if (arguments.Length > 1 && arguments[1].IsObject() && arguments[1].AsObject() is FunctionInstance function)
        {
            var grown = 0L;
            arguments[1] = new ClrFunctionInstance(engine, (_, found) =>
            {
                var part = Of(function.Call(JsValue.Undefined, found));
                Text(grown += part.Length);
                return new JsValue(part);
            });
        }
        else if (arguments.Length > 1)
        {
            var with = Of(arguments[1]);
            arguments[1] = new JsValue(with);
            var whole = with.Split("$`").Length + with.Split("$'").Length - 2L;
            Text((text.Length + 1L) * (with.Length + whole * text.Length) + (with.Split('$').Length - 1L) * text.Length);
        }
        return native(new JsValue(text), arguments);
    }

    private static string Of(JsValue value) => TypeConverter.ToString(value);

    // ---- arrays ----

    private void Arrays()
    {
        var prototype = engine.Array.PrototypeObject;
        foreach (var name in Names(prototype))
        {
            Wrap(prototype, name, (self, arguments, native) =>
            {
                Items(self);
                foreach (var argument in arguments)
                    if (argument.IsObject() && argument.AsObject() is ArrayInstance) Items(argument);
                return native(self, arguments);
            });
        }
        Wrap(prototype, "join", (self, arguments, _) => Join(self, arguments.Length == 0 || arguments[0].IsUndefined() ? "," : Of(arguments[0])));
        Wrap(prototype, "toString", (self, _, _) => Join(self, ","));
        Wrap(prototype, "toLocaleString", (self, _, _) => Join(self, ","));
        Replace("Array", engine.Array, engine.Array, arguments =>
        {
            if (arguments is [var length] && length.IsNumber()) Items(length.AsNumber());
        });
    }

    private JsValue Join(JsValue self, string separator)
    {
        var list = TypeConverter.ToObject(engine, self);
        var length = Items(self);
        if (++depth > MaxDepth) throw new JavaScriptLimitException("a list is nested too deeply");
        var text = new StringBuilder();
        for (var i = 0; i < length; i++)
        {
            if (i > 0) text.Append(separator);
            var item = list.Get(i.ToString(CultureInfo.InvariantCulture));
            if (!item.IsNull() && !item.IsUndefined()) text.Append(Of(item));
            if (text.Length > MaxText) throw new JavaScriptLimitException($"a text would be longer than {MaxText} characters");
        }
        depth--;
        Text(text.Length);
        return new JsValue(text.ToString());
    }

    /// <summary>The length a native would loop over. Only a plain number will do: a getter could answer differently the second time.</summary>
    private int Items(JsValue self)
    {
        if (!self.IsObject()) return self.IsString() ? self.AsString().Length : 0;
        var property = self.AsObject().GetProperty("length");
        if (property == PropertyDescriptor.Undefined) return 0;
        if (property.IsAccessorDescriptor()) throw new JavaScriptLimitException("a list must have a plain length");
        var length = property.Value ?? JsValue.Undefined;
        if (length.IsUndefined()) return 0;
        if (!length.IsNumber()) throw new JavaScriptLimitException("a list must have a plain length");
        return Items(length.AsNumber());
    }

    private int Items(double length)
    {
        if (double.IsNaN(length)) return 0;
        if (length is > MaxItems or < 0) throw new JavaScriptLimitException($"a list would be longer than {MaxItems}");
        Spend(1 + (long)length);
        return (int)length;
    }

    // ---- regular expressions ----

    private void Patterns()
    {
        var prototype = engine.RegExp.PrototypeObject;
        foreach (var name in new[] { "exec", "test" })
        {
            Wrap(prototype, name, (self, arguments, native) =>
            {
                if (arguments.Length > 0) Text(Of(arguments[0]).Length);
                return native(Bound(self), arguments);
            });
        }
        Replace("RegExp", engine.RegExp, engine.RegExp, arguments => Pattern(arguments));
    }

    private JsValue[] Pattern(JsValue[] arguments)
    {
        if (arguments.Length == 0) return arguments;
        var copy = arguments.ToArray();
        copy[0] = copy[0].IsObject() && copy[0].AsObject() is RegExpInstance ? Bound(copy[0]) : copy[0].IsUndefined() ? copy[0] : new JsValue(Of(copy[0]));
        if (copy[0].IsString() && copy[0].AsString().Length > MaxPattern) throw new JavaScriptLimitException($"a pattern is longer than {MaxPattern} characters");
        return copy;
    }

    private JsValue Literal(string raw)
    {
        var end = raw.LastIndexOf('/');
        return Bound(engine.RegExp.Construct([new JsValue(raw[1..end]), new JsValue(raw[(end + 1)..])]));
    }

    private static JsValue Bound(JsValue value)
    {
        if (value.IsObject() && value.AsObject() is RegExpInstance { Value: { } regex } pattern && regex.MatchTimeout == Regex.InfiniteMatchTimeout)
            pattern.Value = new Regex(regex.ToString(), regex.Options, MaxMatchTime);
        return value;
    }

    // ---- JSON, dates, code ----

    private void Json()
    {
        Wrap(engine.Json, "parse", (self, arguments, native) =>
        {
            var text = arguments.Length > 0 ? Of(arguments[0]) : "";
            if (text.Length > MaxItems) throw new JavaScriptLimitException($"JSON to parse is longer than {MaxItems} characters");
            if (text.Count(letter => letter is '[' or '{') > MaxItems / 10 || Nesting(text) > MaxDepth) throw new JavaScriptLimitException("JSON to parse is nested too deeply");
            return native(self, arguments.Length > 0 ? [new JsValue(text), .. arguments[1..]] : arguments);
        });
        Wrap(engine.Json, "stringify", (self, arguments, native) =>
        {
            var left = MaxText;
            if (arguments.Length > 0) Weigh(arguments[0], 0, ref left);
            return Measured(self, arguments, native);
        });
    }

    private static int Nesting(string text)
    {
        var (open, deepest) = (0, 0);
        foreach (var letter in text)
        {
            if (letter is '[' or '{') deepest = Math.Max(deepest, ++open);
            else if (letter is ']' or '}') open--;
        }
        return deepest;
    }

    // A small web of shared lists may spell out to more than fits anywhere.
    private void Weigh(JsValue value, int level, ref int left)
    {
        if (level > MaxDepth) throw new JavaScriptLimitException("a value is nested too deeply, or holds itself");
        if ((left -= value.IsString() ? value.AsString().Length : 8) < 0) throw new JavaScriptLimitException("a value is too large for JSON");
        if (!value.IsObject()) return;
        var shape = value.AsObject();
        if (shape is ArrayInstance && (left -= Items(value)) < 0) throw new JavaScriptLimitException("a value is too large for JSON");
        foreach (var (name, property) in shape.GetOwnProperties())
        {
            left -= name.Length;
            if (property.Value is { } held) Weigh(held, level + 1, ref left);
        }
    }

    private void Dates()
    {
        var prototype = engine.Date.PrototypeObject;
        foreach (var name in Names(prototype).Where(name => name.StartsWith("set", StringComparison.Ordinal)))
        {
            var limit = name.Contains("Seconds", StringComparison.Ordinal) || name.Contains("Milliseconds", StringComparison.Ordinal) || name == "setTime" ? MaxMilliseconds * 1000 : MaxDateParts;
            Wrap(prototype, name, (self, arguments, native) => native(self, Parts(arguments, limit)));
        }
        Wrap(engine.Date, "UTC", (self, arguments, native) => native(self, Parts(arguments, MaxDateParts)));
        Replace("Date", engine.Date, engine.Date, arguments =>
        {
            if (arguments.Length > 1) Parts(arguments, MaxDateParts);
        });
    }

    private static JsValue[] Parts(JsValue[] arguments, double limit)
    {
        JsValue[] numbers = [.. arguments.Select(argument => new JsValue(TypeConverter.ToNumber(argument)))];
        if (numbers.Any(number => Math.Abs(number.AsNumber()) > limit)) throw new JavaScriptLimitException("a date is out of range");
        return numbers;
    }

    // Code made from text would not have been looked over.
    private void NoNewCode()
    {
        engine.Global.RemoveOwnProperty("eval");
        engine.Global.RemoveOwnProperty("Function");
        engine.Function.PrototypeObject.RemoveOwnProperty("constructor");
    }

    // ---- putting in place ----

    private delegate JsValue Native(JsValue self, JsValue[] arguments);

    private delegate JsValue Bounded(JsValue self, JsValue[] arguments, Native native);

    private JsValue Counted(JsValue self, JsValue[] arguments, Native native)
    {
        if (arguments.Length > 0 && arguments[0].IsObject() && arguments[0].AsObject() is ArrayInstance) Items(arguments[0]);
        return native(self, arguments);
    }

    private static List<string> Names(ObjectInstance owner) =>
        [.. owner.GetOwnProperties().Where(pair => pair.Key is not ("constructor" or "prototype") && pair.Value.Value?.TryCast<FunctionInstance>() is not null).Select(pair => pair.Key)];

    private void Wrap(ObjectInstance owner, string name, Bounded bounded)
    {
        if (owner.GetOwnProperty(name).Value?.TryCast<FunctionInstance>() is not { } native) return;
        owner.FastSetProperty(name, new PropertyDescriptor(
            new ClrFunctionInstance(engine, (self, arguments) => bounded(self, arguments, native.Call)), true, false, true));
    }

    private void Hidden(string name, Func<JsValue, JsValue[], JsValue> body) =>
        engine.Global.FastAddProperty(name, new ClrFunctionInstance(engine, body), false, false, false);

    private void Replace(string name, FunctionInstance native, IConstructor constructor, Action<JsValue[]> check)
    {
        var bounded = new BoundedConstructor(engine, native, constructor, check);
        engine.Global.FastSetProperty(name, new PropertyDescriptor(bounded, true, false, true));
        if (native.Get("prototype").TryCast<ObjectInstance>() is { } prototype)
            prototype.FastSetProperty("constructor", new PropertyDescriptor(bounded, true, false, true));
    }

    private sealed class BoundedConstructor : FunctionInstance, IConstructor
    {
        private readonly FunctionInstance native;
        private readonly IConstructor constructor;
        private readonly Action<JsValue[]> check;

        public BoundedConstructor(Engine engine, FunctionInstance native, IConstructor constructor, Action<JsValue[]> check) : base(engine, null, null, false)
        {
            (this.native, this.constructor, this.check) = (native, constructor, check);
            Prototype = native.Prototype;
            Extensible = true;
            foreach (var (name, property) in native.GetOwnProperties()) FastSetProperty(name, property);
        }

        public override JsValue Call(JsValue thisObject, JsValue[] arguments)
        {
            check(arguments);
            return native.Call(thisObject, arguments);
        }

        public ObjectInstance Construct(JsValue[] arguments)
        {
            check(arguments);
            return constructor.Construct(arguments);
        }
    }
}
