public partial class Program { private static void Main() { } }
