import java.io.File;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;

/**
 * Asks veraPDF about many files in one start: {@code Vera FLAVOURS FILE...}. FLAVOURS is {@code auto} (every flavour
 * the file claims in its XMP) or a list such as {@code 2b,ua1}. One JSON object a line for each file and flavour.
 * The exit code is 0 when every file could be judged, whatever the verdict.
 */
public final class Vera {
    public static void main(String[] arguments) {
        VeraGreenfieldFoundryProvider.initialise();
        boolean judged = true;
        for (int index = 1; index < arguments.length; index++) {
            judged &= judge(arguments[index], arguments[0]);
        }
        System.exit(judged ? 0 : 2);
    }

    private static boolean judge(String file, String wanted) {
        try {
            List<PDFAFlavour> flavours = new ArrayList<>();
            if (wanted.equals("auto")) {
                try (PDFAParser parser = Foundries.defaultInstance().createParser(new File(file))) {
                    flavours.addAll(parser.getFlavours());
                }
            } else {
                for (String id : wanted.split(",")) {
                    flavours.add(PDFAFlavour.byFlavourId(id));
                }
            }
            flavours.removeIf(flavour -> flavour == null || flavour == PDFAFlavour.NO_FLAVOUR);
            if (flavours.isEmpty()) {
                say(file, "", false, "the file claims no standard, or the one asked for does not exist", "");
            }
            for (PDFAFlavour flavour : flavours) {
                try (PDFAParser parser = Foundries.defaultInstance().createParser(new File(file), flavour);
                        PDFAValidator validator = Foundries.defaultInstance().createValidator(flavour, false)) {
                    ValidationResult result = validator.validate(parser);
                    say(file, flavour.getId(), result.isCompliant(), "", failures(result));
                }
            }
            return true;
        } catch (Exception | StackOverflowError error) {
            say(file, "", false, String.valueOf(error), "");
            return false;
        }
    }

    /** Failed rules, each once, with clause, test number, how often and the first message. */
    private static String failures(ValidationResult result) {
        Map<String, String> messages = new LinkedHashMap<>();
        Map<String, Integer> counts = new LinkedHashMap<>();
        for (TestAssertion assertion : result.getTestAssertions()) {
            if (assertion.getStatus() == TestAssertion.Status.FAILED) {
                String rule = assertion.getRuleId().getClause() + "-" + assertion.getRuleId().getTestNumber();
                messages.putIfAbsent(rule, assertion.getMessage());
                counts.merge(rule, 1, Integer::sum);
            }
        }
        StringBuilder out = new StringBuilder();
        for (Map.Entry<String, String> entry : messages.entrySet()) {
            out.append(out.length() == 0 ? "" : ",");
            out.append("{\"rule\":").append(quoted(entry.getKey()));
            out.append(",\"count\":").append(counts.get(entry.getKey()));
            out.append(",\"message\":").append(quoted(entry.getValue())).append("}");
        }
        return out.toString();
    }

    private static void say(String file, String flavour, boolean compliant, String error, String failed) {
        System.out.println("{\"file\":" + quoted(file) + ",\"flavour\":" + quoted(flavour) + ",\"compliant\":" + compliant
                + ",\"error\":" + quoted(error) + ",\"failed\":[" + failed + "]}");
    }

    private static String quoted(String text) {
        StringBuilder out = new StringBuilder("\"");
        for (char letter : String.valueOf(text).toCharArray()) {
            if (letter == '"' || letter == '\\') {
                out.append('\\').append(letter);
            } else if (letter < ' ') {
                out.append(String.format("\\u%04x", (int) letter));
            } else {
                out.append(letter);
            }
        }
        return out.append('"').toString();
    }
}
